// What a chain keeps about its guests and companies: addresses, documents, notes, relationships and loyalty.
import type { ChainProfiles } from './generate-guests.js';
import type { Sink } from './generate-hotel.js';
import { isRecord, iso, textOf, type MewsRecord } from './record.js';
import { everyNth, type Writer } from './writer.js';

/** The address and the documents that a customer or a company shows are records of their own. */
export function withParts(put: Sink): Sink {
  return (collection, owner, record, createdMs, updatedMs, hidden) => {
    put(collection, owner, record, createdMs, updatedMs, hidden);
    if (collection === 'customers' || collection === 'companies') for (const part of partsOf(collection, record)) put(part.collection, owner, part.record, createdMs, updatedMs);
  };
}

function partsOf(collection: 'customers' | 'companies', account: MewsRecord): { collection: string; record: MewsRecord }[] {
  const { Address: address, Passport: passport } = account;
  return [
    ...(isRecord(address) ? [{ collection: 'addresses', record: addressOf(account, address, collection) }] : []),
    ...(isRecord(passport) ? [{ collection: 'identityDocuments', record: documentOf(passport) }] : []),
  ];
}

function addressOf(account: MewsRecord, address: MewsRecord, collection: 'customers' | 'companies'): MewsRecord {
  return {
    ...address, AccountId: account['Id'] ?? null, ChainId: account['ChainId'] ?? null, AccountType: collection === 'customers' ? 'Customer' : 'Company',
    UpdatedUtc: account['UpdatedUtc'] ?? null, IsActive: account['IsActive'] ?? true,
  };
}

function documentOf({ Expiration, Issuance, ...same }: MewsRecord): MewsRecord { return {
  ...same, ExpirationDate: Expiration ?? null, IssuanceDate: Issuance ?? null, IsVerified: textOf(same, 'Number') > 'P5',
}; }

export interface Accounts { readonly profiles: ChainProfiles; readonly customers: readonly MewsRecord[]; readonly companies: readonly MewsRecord[] }

export function fillAccounts(writer: Writer, accounts: Accounts): void {
  for (const customer of everyNth(accounts.customers, 8, 120)) note(writer, accounts.profiles, customer, 'Customer');
  for (const company of everyNth(accounts.companies, 3)) note(writer, accounts.profiles, company, 'Company');
  relate(writer, accounts.customers);
  fillLoyalty(writer, accounts);
}

/** Who wrote a record: somebody of the house, or an application. */
export function writtenBy(staffId: string | null): MewsRecord { return {
  Discriminator: staffId === null ? 'Integration' : 'Enterprise', EnterpriseProfile: staffId === null ? null : { ProfileId: staffId },
}; }

const remarks: readonly [content: string, classification: string][] = [
  ['Birthday during the stay: flowers in the room', 'Gifts'], ['Allergic to shellfish', 'FoodAndBeverage'], ['Asks for feather-free pillows', 'Housekeeping'], ['Travels with two children & a dog', 'FamilyRelations'], ['Heater was noisy last time', 'PreviousStay'], ['Invoice to the company, please', 'Accounting'], ['Speaks slowly; prefers written messages', 'FrontOffice'], ['Was given the wrong key in May — apologised', 'Complaints'],
];

function note(writer: Writer, { staffId }: ChainProfiles, account: MewsRecord, type: 'Customer' | 'Company'): void {
  const { random } = writer;
  const [content, classification] = random.pick(remarks);
  const byStaff = random.chance(0.7) ? staffId : null;
  writer.save('accountNotes', {
    AccountId: account['Id'] ?? null, Content: content, AccountType: type, Classifications: type === 'Company' ? ['Accounting'] : [classification],
    IsActive: !random.chance(0.1), CreatorProfile: writtenBy(byStaff), UpdaterProfile: writtenBy(byStaff),
  }, writer.lately(600), 'neither');
}

const bonds: readonly [one: string, other: string][] = [['Spouse', 'Spouse'], ['Parent', 'Child'], ['Friend', 'Friend'], ['Colleague', 'Colleague']];

/** Every pair is listed from both sides; it has no id. */
function relate(writer: Writer, customers: readonly MewsRecord[]): void {
  everyNth(customers, 12, 50).forEach((one, i) => {
    const other = customers[i * 12 + 1];
    if (!other) return;
    const [ofOther, ofOne] = writer.random.pick(bonds);
    const [createdMs, updatedMs] = writer.lately(500);
    for (const [from, to, Relationship] of [[one, other, ofOther], [other, one, ofOne]] as const) {
      const seen = { CustomerId: from['Id'] ?? null, RelatedCustomerId: to['Id'] ?? null, Relationship, UpdatedUtc: iso(updatedMs) };
      writer.put('customerRelationships', writer.owner, seen, createdMs, updatedMs);
    }
  });
}

/** Programmes, tiers and memberships do not show whether they are active. */
function fillLoyalty(writer: Writer, { profiles, customers }: Accounts): void {
  const { chainId, staffId } = profiles;
  const program = (name: string, code: string, type: string, subscription: string, active = true): string =>
    writer.save('loyaltyPrograms', { ChainId: chainId, Name: name, Code: code, Type: type, Subscription: subscription }, writer.founded(), 'neither', { IsActive: active });
  const [house, partner] = [program('House friends', 'HF', 'Hotel', 'Free'), program('Slow travel club', 'STC', 'ExternalPartner', 'Paid')];
  program('Stamp card', 'OLD', 'Hotel', 'Free', false);
  const tiers = [house, partner].map((programId) => ['Copper', 'Silver', 'Gold'].map((name, i) => writer.save('loyaltyTiers', {
    LoyaltyProgramId: programId, Name: name, Code: name.slice(0, 2).toUpperCase(), Ordering: i,
  }, writer.founded(), 'neither', { IsActive: true })));
  writer.save('loyaltyTiers', { LoyaltyProgramId: house, Name: 'Tin', Code: 'TI', Ordering: 9 }, writer.founded(), 'neither', { IsActive: false });
  const members = new Set([...everyNth(customers, 40), ...customers.filter((customer) => customer['LoyaltyCode'] !== null).slice(0, 200)]);
  [...members].forEach((customer, i) => {
    const ofPartner = i % 4 === 3;
    const code = textOf(customer, 'LoyaltyCode') || null;
    const state = writer.random.pick(['Enrolled', 'Enrolled', 'Enrolled', 'New', 'Pending', 'Canceled']);
    writer.save('loyaltyMemberships', {
      ChainId: chainId, AccountId: customer['Id'] ?? null, LoyaltyProgramId: ofPartner ? partner : house, State: state, IsPrimary: true, ProviderMembershipId: null,
      Code: code, MembershipNumber: code ?? `M-${1000 + i}`, Points: state === 'Enrolled' ? writer.random.int(0, 9000) : null, ExpirationDate: null, Url: null,
      LoyaltyTierId: state === 'Enrolled' ? writer.random.pick(tiers[ofPartner ? 1 : 0] ?? []) : null, CreatorProfile: writtenBy(staffId), UpdaterProfile: writtenBy(null),
    }, writer.lately(700), 'neither', { IsActive: state !== 'Canceled' });
  });
}
