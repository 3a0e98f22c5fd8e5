// Guests and companies of a chain. The people are invented and their mail ends in example.com.
import { companyNames, countries, firstNames, lastNames, streets } from './places.js';
import type { Random } from './random.js';
import { dayMs, iso, type MewsRecord } from './record.js';

/** What stays, bills and payments need to know of a guest. */
export interface Guest { readonly id: string; readonly firstName: string | null; readonly lastName: string; readonly companyId: string | null }
export interface ChainProfiles { readonly chainId: string; readonly guests: Guest[]; readonly companyIds: string[]; readonly staffId: string; nextNumber: number }

const countryList = Object.values(countries);

function address(random: Random): MewsRecord {
  const country = random.pick(countryList);
  return { Id: random.uuid(), Line1: `${random.pick(streets)} ${random.int(1, 200)}`, Line2: random.maybe(0.1, () => 'c/o Żółw'), City: random.pick(['Gdańsk', 'Åre', 'Bath', 'Évora', 'São Brás', 'Santa Fe', '金沢市']), PostalCode: String(random.int(10_000, 99_999)), CountryCode: country.code, CountrySubdivisionCode: null, Latitude: null, Longitude: null };
}

export function makeCompany(random: Random, profiles: ChainProfiles, createdMs: number, updatedMs: number): MewsRecord {
  const id = random.uuid();
  const name = `${random.pick(companyNames)} ${random.pick(['GmbH', 'Ltd.', 'AB', 's.r.o.', 'Lda', 'K.K.', 'LLC'])}`;
  const place = address(random);
  const mother = profiles.companyIds.length > 0 ? random.maybe(0.15, () => random.pick(profiles.companyIds)) : null;
  const taxIdentifier = random.maybe(0.6, () => `X${random.int(10_000_000, 99_999_999)}`);
  profiles.companyIds.push(id);
  return {
    Id: id, ChainId: profiles.chainId, Name: name, MotherCompanyId: mother, InvoicingEmail: `accounts.${id.slice(0, 6)}@example.com`, WebsiteUrl: null, InvoiceDueInterval: random.maybe(0.5, () => 'P0M14DT0H0M0S'),
    Options: { Invoiceable: true, AddFeesToInvoices: false, AddTaxDeductedPaymentToInvoices: false }, CreditRating: { Basic: random.maybe(0.4, () => 'CreditOk') }, Department: null, DunsNumber: null, ReferenceIdentifier: null, AccountingCode: random.maybe(0.3, () => `D${random.int(10_000, 69_999)}`), AdditionalTaxIdentifier: null, BillingCode: null, Contact: null, ContactPerson: random.maybe(0.4, () => `${random.pick(firstNames)} ${random.pick(lastNames)}`), ElectronicInvoiceIdentifier: null, Identifier: null, Iata: null,
    IsActive: !random.chance(0.06), Notes: null, Number: profiles.nextNumber++, TaxIdentifier: taxIdentifier, Telephone: random.maybe(0.5, () => `+44 555 0${random.int(100, 199)}`), CreatedUtc: iso(createdMs), UpdatedUtc: iso(updatedMs), Address: place, AddressId: place['Id'] ?? null, MergeTargetId: null, TaxIdentificationNumber: taxIdentifier, ExternalIdentifier: null,
  };
}

export function makeCustomer(random: Random, profiles: ChainProfiles, createdMs: number, updatedMs: number): MewsRecord {
  const id = random.uuid();
  const firstName = random.maybe(0.95, () => random.pick(firstNames));
  const lastName = random.pick(lastNames);
  const companyId = profiles.companyIds.length > 0 ? random.maybe(0.12, () => random.pick(profiles.companyIds)) : null;
  const place = random.maybe(0.55, () => address(random));
  const country = random.pick(countryList);
  profiles.guests.push({ id, firstName, lastName, companyId });
  return {
    Id: id, ChainId: profiles.chainId, Number: String(profiles.nextNumber++), Title: random.maybe(0.4, () => random.pick(['Mister', 'Misses', 'Miss'])), Sex: random.maybe(0.5, () => random.pick(['Male', 'Female'])), FirstName: firstName, LastName: lastName, SecondLastName: random.maybe(0.08, () => random.pick(lastNames)),
    NationalityCode: random.maybe(0.7, () => country.code), PreferredLanguageCode: random.maybe(0.4, () => country.language), LanguageCode: country.language, BirthDate: random.maybe(0.45, () => iso(Date.UTC(random.int(1938, 2006), random.int(0, 11), random.int(1, 28))).slice(0, 10)), BirthCountryCode: null, BirthCountrySubdivisionCode: null, BirthPlace: random.maybe(0.1, () => 'Zürich'), Occupation: random.maybe(0.1, () => 'Hydrologist'),
    Email: random.maybe(0.85, () => `guest.${id.slice(0, 8)}@example.com`), HasOtaEmail: random.chance(0.2), Phone: random.maybe(0.6, () => `${country.phone} 555 0${random.int(100, 199)}`), TaxIdentificationNumber: null, LoyaltyCode: random.maybe(0.1, () => `LC-${random.int(1000, 9999)}`), AccountingCode: null, BillingCode: null, Notes: random.maybe(0.12, () => 'Prefers “still” water; returns each May — überaus nett.'), CarRegistrationNumber: random.maybe(0.1, () => `HL-${random.int(100, 999)}`), DietaryRequirements: random.maybe(0.08, () => 'No nuts'),
    CreatedUtc: iso(createdMs), UpdatedUtc: iso(updatedMs), Passport: random.maybe(0.2, () => passport(random, id, country.code)), IdentityCard: null, Visa: null, DriversLicense: null, Address: place, AddressId: place?.['Id'] ?? null,
    Classifications: random.chance(0.15) ? ['Returning'] : [], Options: random.chance(0.3) ? ['SendMarketingEmails'] : [], ItalianDestinationCode: null, ItalianFiscalCode: null, ItalianLotteryCode: null, CompanyId: companyId, MergeTargetId: null,
    ...activity(!random.chance(0.04)), PreferredSpaceFeatures: random.chance(0.05) ? ['HighFloor'] : [], CreatorProfileId: profiles.staffId, UpdaterProfileId: profiles.staffId,
  };
}

function activity(isActive: boolean): MewsRecord { return { ActivityState: isActive ? 'Active' : 'Deleted', IsActive: isActive }; }

function passport(random: Random, customerId: string, countryCode: string): MewsRecord {
  return { Id: random.uuid(), CustomerId: customerId, Type: 'Passport', Number: `P${random.int(1_000_000, 9_999_999)}`, Expiration: `${random.int(2027, 2034)}-0${random.int(1, 9)}-15`, Issuance: null, IssuingCountryCode: countryCode, IssuingCountrySubdivisionCode: null, IssuingCity: null, IdentityDocumentSupportNumber: null };
}

/** Profiles of a chain since its first hotel opened, the last of them yesterday. */
export function makeProfiles(random: Random, chainId: string, guests: number, firstMs: number, epochMs: number, put: (collection: string, owner: string, record: MewsRecord, createdMs: number, updatedMs: number) => void): ChainProfiles {
  const profiles: ChainProfiles = { chainId, guests: [], companyIds: [], staffId: random.uuid(), nextNumber: 1 };
  const times = (): [number, number] => {
    const createdMs = random.between(firstMs, epochMs - dayMs);
    return [createdMs, random.chance(0.5) ? createdMs : random.between(createdMs, epochMs)];
  };
  for (let i = 0; i < Math.max(4, Math.round(guests / 25)); i++) { const at = times(); put('companies', chainId, makeCompany(random, profiles, ...at), ...at); }
  for (let i = 0; i < guests; i++) { const at = times(); put('customers', chainId, makeCustomer(random, profiles, ...at), ...at); }
  return profiles;
}
