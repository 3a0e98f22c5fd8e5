// What Mews has for everybody: countries, currencies, languages, taxes, and the sources of bookings.
import { countries } from './places.js';
import type { Sink } from './generate-hotel.js';
import { Random } from './random.js';
import { dayMs, iso, platform, type MewsRecord } from './record.js';

const countryNames = 'AR Argentina|AT Austria|AU Australia|BE Belgium|BG Bulgaria|BR Brazil|CA Canada|CH Switzerland|CL Chile|CN China|CY Cyprus|CZ Czechia|DE Germany|DK Denmark|EE Estonia|ES Spain|FI Finland|FO Faroe Islands|FR France|GB United Kingdom|GG Guernsey|GL Greenland|GR Greece|HR Croatia|HU Hungary|IE Ireland|IN India|IS Iceland|IT Italy|JP Japan|KR South Korea|LI Liechtenstein|LT Lithuania|LU Luxembourg|LV Latvia|MT Malta|MX Mexico|NL Netherlands|NO Norway|NZ New Zealand|PL Poland|PR Puerto Rico|PT Portugal|RO Romania|SE Sweden|SG Singapore|SI Slovenia|SK Slovakia|TR Türkiye|UA Ukraine|US United States|ZA South Africa';
const sovereigns: { readonly [code: string]: string } = { FO: 'DK', GL: 'DK', GG: 'GB', PR: 'US' };
const subdivisions = 'AU-NSW New South Wales|AU-QLD Queensland|AU-TAS Tasmania|AU-VIC Victoria|CZ-10 Praha|DE-BE Berlin|DE-HH Hamburg|DE-SH Schleswig-Holstein|GB-ENG England|GB-SCT Scotland|JP-13 Tokyo|JP-17 Ishikawa|PT-13 Porto|PT-20 Azores|SE-AB Stockholm|US-CA California|US-NM New Mexico|US-NY New York';
const groups: readonly [code: string, name: string, members: string][] = [
  ['EU', 'European Union', 'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'], ['NORDIC', 'Nordic countries', 'DK FI FO GL IS NO SE'], ['SCHENGEN', 'Schengen Area', 'AT BE BG CH CZ DE DK EE ES FI FR GR HR HU IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK'],
];
const currencies = ['AUD', 'CAD', 'CHF', 'CZK', 'DKK', 'EUR', 'GBP', 'HUF', 'JPY', 'NOK', 'NZD', 'PLN', 'SEK', 'USD'];
const languages = 'en-US English/English|en-GB British English/British English|en-AU Australian English/Australian English|de-DE German/Deutsch|sv-SE Swedish/svenska|ja-JP Japanese/日本語|pt-PT Portuguese/português|cs-CZ Czech/čeština|da-DK Danish/dansk|es-ES Spanish/español|fi-FI Finnish/suomi|fr-FR French/français|it-IT Italian/italiano|nl-NL Dutch/Nederlands|pl-PL Polish/polski';
const sources: readonly [name: string, type: string][] = [
  ['Wayfarer Rooms', 'OnlineTravelAgency'], ['Lodgewise', 'OnlineTravelAgency'], ['Roomlark', 'OnlineTravelAgency'], ['Meridian Distribution', 'GlobalDistributionSystem'], ['Keystone Reservations', 'CentralReservationSystem'], ['Grand Tour Desk', 'TourOperatorSystem'], ['House website', 'OnlineBookingEngine'], ['Lobby kiosk', 'Kiosk'], ['Gildenstern Agents', 'Agent'],
];
/** Countries of the hotels: alpha-3 code, what the tax is called there, and a second rate. */
const taxes: { readonly [code: string]: readonly [alpha3: string, localName: string, standard: number] } = {
  DE: ['DEU', 'MwSt.', 0.19], SE: ['SWE', 'Moms', 0.25], GB: ['GBR', 'VAT', 0.05], JP: ['JPN', '消費税', 0.08], US: ['USA', 'Sales tax', 0.05], PT: ['PRT', 'IVA', 0.23], CZ: ['CZE', 'DPH', 0.21], AU: ['AUS', 'GST', 0],
};

/** The sources of bookings, best known first. The same for all hotels of a world. */
export function sourceIds(seed: string): string[] { return sources.map(([name]) => new Random(seed, 'source', name).uuid()); }

export function fillPlatform(seed: string, epochMs: number, put: Sink): void {
  const add = (collection: string, record: MewsRecord, atMs = epochMs): void => { put(collection, platform, record, atMs, atMs); };
  for (const [code, name] of pairs(countryNames)) add('countries', { Code: code, SovereignCountryCode: sovereigns[code] ?? code, EnglishName: name });
  for (const [code, name] of pairs(subdivisions)) add('countrySubdivisions', { Code: code, CountryCode: code.slice(0, 2), EnglishName: name });
  for (const { code } of Object.values(countries)) add('countryRules', { CountryCode: code, IdentityCardExpirationDateNotRequired: code === 'GB', DriverLicenceExpirationDateNotRequired: code === 'US' });
  for (const [code, name, members] of groups) add('countryGroups', { Code: code, EnglishName: name, CountryCodes: members.split(' ') });
  for (const code of currencies) add('currencies', { Code: code, Precision: code === 'JPY' ? 0 : 2 });
  for (const [code, names] of pairs(languages)) add('languages', { Code: code, FallbackLanguageCode: code === 'en-US' ? null : 'en-US', EnglishName: names.split('/')[0] ?? '', LocalName: names.split('/')[1] ?? '' });
  sourceIds(seed).forEach((id, i) => { const atMs = epochMs - (40 - i) * dayMs; add('sources', { Id: id, Name: sources[i]?.[0] ?? '', Type: sources[i]?.[1] ?? '', UpdatedUtc: iso(atMs), Code: 100 + i }, atMs); });
  for (const [code, [alpha3, localName, standard]] of Object.entries(taxes)) addTaxes(add, code, alpha3, localName, standard);
}

function addTaxes(add: (collection: string, record: MewsRecord) => void, code: string, alpha3: string, localName: string, standard: number): void {
  const country = countries[code];
  if (!country) return;
  const taxation = `${code}-2024`;
  add('taxEnvironments', { Code: taxation, CountryCode: alpha3, ValidityStartUtc: '2024-01-01T00:00:00Z', ValidityEndUtc: null, TaxationCodes: code === 'PT' ? [taxation, 'PT-CITY'] : [taxation] });
  add('taxations', { Code: taxation, Name: localName === 'GST' || localName === 'Sales tax' ? localName : 'VAT', LocalName: localName });
  const rate = (rateCode: string, value: number, strategy: MewsRecord, validity: MewsRecord[] | null = null, of = taxation): void => { add('taxRates', { Code: rateCode, TaxationCode: of, Value: value, ValidityInvervalsUtc: validity, Strategy: strategy }); };
  const relative = (value: number): MewsRecord => ({ Discriminator: 'Relative', Value: { Value: value } });
  rate(country.taxCode, country.taxRate, relative(country.taxRate));
  rate(`${taxation}-${standard * 100}%`, standard, relative(standard));
  if (code === 'DE') rate('DE-R-2020', 0.05, relative(0.05), [{ StartUtc: '2020-06-30T22:00:00Z', EndUtc: '2020-12-31T23:00:00Z' }]);
  if (code !== 'PT') return;
  add('taxations', { Code: 'PT-CITY', Name: 'City tax', LocalName: 'Taxa turística' });
  rate('PT-CITY-2', 2, { Discriminator: 'Flat', Value: { CurrencyCode: 'EUR', Value: 2 } }, null, 'PT-CITY');
  rate('PT-CITY-10%', 0.1, { Discriminator: 'Dependent', Value: { Value: 0.1, BaseTaxationCodes: [taxation] } }, null, 'PT-CITY');
}

function pairs(text: string): [code: string, name: string][] { return text.split('|').map((item) => [item.slice(0, item.indexOf(' ')), item.slice(item.indexOf(' ') + 1)]); }
