// Money as Mews writes it: net, gross, taxes by code, and the older fields of the extended form.
import type { MewsRecord } from './record.js';

export interface Price { currency: string; taxCode: string; taxRate: number }

export function round(value: number): number { return Math.round(value * 100) / 100; }

export function amount(price: Price, gross: number): MewsRecord {
  const grossValue = round(gross);
  const netValue = round(grossValue / (1 + price.taxRate));
  const taxValue = round(grossValue - netValue);
  return {
    Currency: price.currency, NetValue: netValue, GrossValue: grossValue,
    TaxValues: [{ Code: price.taxCode, Value: taxValue }],
    Breakdown: { Items: [{ TaxRateCode: price.taxCode, NetValue: netValue, TaxValue: taxValue }] },
  };
}

export function untaxed(currency: string, value: number): MewsRecord {
  const exact = round(value);
  return { Currency: currency, NetValue: exact, GrossValue: exact, TaxValues: [], Breakdown: { Items: [{ TaxRateCode: null, NetValue: exact, TaxValue: 0 }] } };
}

export function extendedAmount(price: Price, gross: number): MewsRecord {
  const plain = amount(price, gross);
  const grossValue = round(gross);
  const netValue = round(grossValue / (1 + price.taxRate));
  return { ...plain, Value: grossValue, Net: netValue, Tax: round(grossValue - netValue), TaxRate: price.taxRate };
}
