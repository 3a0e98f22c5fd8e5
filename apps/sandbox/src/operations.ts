// The operations that list what a hotel sells, books and bills. The documented filters, limits and defaults, no more.
import { activity, chainIds, colliding, enterprises, flag, ids, lists, services, state, states, text, texts, within, type Along, type Operation } from './operation.js';
import { moreOperations } from './more-operations.js';
import { asks, cut, having, named, naming } from './along.js';
import { present } from './request.js';

const updated = within('UpdatedUtc');
const created = within('CreatedUtc');
const accountingStates = states('AccountingState', ['Open', 'Closed', 'Inactive', 'Canceled'], ['Open', 'Closed']);
const serviceOrderStates = ['Inquired', 'Confirmed', 'Started', 'Processed', 'Canceled', 'Optional', 'Requested'];

/** The deprecated groups of rates come unless the extent leaves them out. */
const oldRateGroups = cut(named('rateGroups', 'GroupId'), 'Id', 'ServiceId', 'IsActive', 'ExternalIdentifier');
const blocksOfRates = naming('availabilityBlocks', 'RateId');
/** Not in the answer at all unless asked for. */
const blockAssignments: Along = (page) => (asks(page.body, 'AvailabilityBlockAssignments') ? blocksOfRates(page)?.map((block) => ({ RateId: block['RateId'] ?? null, AvailabilityBlockId: block['Id'] ?? null })) : undefined);

const mainOperations: readonly Operation[] = [
  lists('services/getAll', 'Services', { EnterpriseIds: enterprises, ServiceIds: services(), ServiceType: state('Data.Discriminator', ['Bookable', 'Additional']), UpdatedUtc: updated }),
  lists('resources/getAll', 'Resources', { EnterpriseIds: enterprises, ResourceIds: ids(), Names: texts('Name'), CreatedUtc: created, UpdatedUtc: updated }, {
    extent: { required: true, primary: 'Resources', flags: ['Resources', 'ResourceCategories', 'ResourceCategoryAssignments', 'ResourceCategoryImageAssignments', 'ResourceFeatures', 'ResourceFeatureAssignments', 'Inactive'] },
    hides: (record, body) => record['IsActive'] === false && !asks(body, 'Inactive'),
    constant: { ResourceCategories: 'null', ResourceCategoryAssignments: 'null', ResourceCategoryImageAssignments: 'null', ResourceFeatures: 'null', ResourceFeatureAssignments: 'null' },
  }),
  lists('resourceCategories/getAll', 'ResourceCategories', { EnterpriseIds: enterprises, ResourceCategoryIds: ids(), ServiceIds: services(), UpdatedUtc: updated, ActivityStates: activity() }, { required: ['ServiceIds'] }),
  lists('reservations/getAll/2023-06-06', 'Reservations', {
    EnterpriseIds: enterprises, ReservationIds: ids(), ServiceIds: services(), ReservationGroupIds: ids('GroupId'), AccountIds: ids('AccountId'), PartnerCompanyIds: ids('PartnerCompanyId', 100), TravelAgencyIds: ids('TravelAgencyId', 100), Numbers: texts('Number'), ChannelNumbers: texts('ChannelNumber', 100), AssignedResourceIds: ids('AssignedResourceId'), AvailabilityBlockIds: ids('AvailabilityBlockId', 100),
    CreatedUtc: created, UpdatedUtc: updated, CollidingUtc: colliding('ScheduledStartUtc', 'ScheduledEndUtc'), ScheduledStartUtc: within('ScheduledStartUtc'), ActualStartUtc: within('ActualStartUtc'), ActualEndUtc: within('ActualEndUtc'), ScheduledEndUtc: within('ScheduledEndUtc'), States: states('State', serviceOrderStates, ['Confirmed', 'Started', 'Processed']),
  }),
  lists('customers/getAll', 'Customers', { ChainIds: chainIds, CreatedUtc: created, UpdatedUtc: updated, DeletedUtc: within('UpdatedUtc'), ActivityStates: activity(), CustomerIds: ids(), CompanyIds: ids('CompanyId', 1), Emails: texts('Email'), FirstNames: texts('FirstName'), LastNames: texts('LastName'), LoyaltyCodes: texts('LoyaltyCode') }, {
    extent: { required: true, primary: 'Customers', flags: ['Customers', 'Documents', 'Addresses'] }, requiredForPortfolio: ['ChainIds'],
    anyOf: ['CreatedUtc', 'UpdatedUtc', 'DeletedUtc', 'CustomerIds', 'CompanyIds', 'Emails', 'FirstNames', 'LastNames', 'LoyaltyCodes'],
    hides: (record, body) => body['DeletedUtc'] !== undefined && body['DeletedUtc'] !== null && record['IsActive'] === true,
    shows: (record, body) => (asks(body, 'Addresses') ? record : { ...record, Address: null }), constant: { Documents: 'null' },
  }),
  lists('companies/getAll', 'Companies', { ChainIds: chainIds, MotherCompanyIds: ids('MotherCompanyId'), CreatedUtc: created, UpdatedUtc: updated, Ids: ids(), ExternalIdentifiers: texts('ExternalIdentifier'), Names: texts('Name'), ActivityStates: activity('both') }),
  lists('rates/getAll', 'Rates', { EnterpriseIds: enterprises, RateIds: ids(), UpdatedUtc: updated, ServiceIds: services(), ExternalIdentifiers: texts('ExternalIdentifier'), ActivityStates: activity('both') }, {
    required: ['ServiceIds'], extent: { required: false, primary: 'Rates', mandatory: 'AvailabilityBlockAssignments', flags: ['Rates', 'RateGroups', 'AvailabilityBlockAssignments'] },
    along: {
      RateGroups: (page) => (present(page.body, 'Extent') && !asks(page.body, 'RateGroups') ? [] : oldRateGroups(page)),
      AvailabilityBlockAssignments: blockAssignments,
    },
    constant: { RateRestrictions: '{"DateRestrictions":[],"EarlinessRestrictions":[],"LengthRestrictions":[]}' },
  }),
  lists('products/getAll', 'Products', { EnterpriseIds: enterprises, ProductIds: ids(), ServiceIds: services(), UpdatedUtc: updated, IncludeDefault: flag }, { required: ['ServiceIds'], hides: (record, body) => record['IsDefault'] === true && body['IncludeDefault'] !== true, also: { CustomerProducts: 'customerProducts' } }),
  lists('orderItems/getAll', 'OrderItems', {
    EnterpriseIds: enterprises, OrderItemIds: ids(), AccountIds: ids('AccountId', 100), ServiceOrderIds: ids('ServiceOrderId'), ServiceIds: services(), BillIds: ids('BillId'), CreatedUtc: created, UpdatedUtc: updated, ConsumedUtc: within('ConsumedUtc'), CanceledUtc: within('CanceledUtc'), ClosedUtc: within('ClosedUtc'), Currency: text, AccountingStates: accountingStates,
    Types: states('Type', ['CancellationFee', 'NightRebate', 'ProductOrderRebate', 'AdditionalExpenseRebate', 'Deposit', 'ExchangeRateDifference', 'CustomItem', 'ServiceCharge', 'CityTax', 'CityTaxDiscount', 'SpaceOrder', 'ProductOrder', 'Surcharge', 'TaxCorrection', 'ResourceUpgradeFee', 'InvoiceFee', 'MulticurrencyFee', 'AllowanceDiscount', 'AllowanceBreakage', 'AllowanceContraBreakage']),
  }, { anyOf: ['OrderItemIds', 'AccountIds', 'ServiceOrderIds', 'ServiceIds', 'BillIds', 'CreatedUtc', 'UpdatedUtc', 'ConsumedUtc', 'CanceledUtc', 'ClosedUtc'] }),
  lists('payments/getAll', 'Payments', {
    EnterpriseIds: enterprises, PaymentIds: ids(), AccountIds: ids('AccountId', 100), BillIds: ids('BillId'), ReservationIds: ids('ReservationId'), CreatedUtc: created, UpdatedUtc: updated, ChargedUtc: within('ChargedUtc'), ClosedUtc: within('ClosedUtc'), SettlementUtc: within('SettlementUtc'), Currency: text, AccountingStates: accountingStates,
    States: states('State', ['Charged', 'Canceled', 'Pending', 'Failed', 'Verifying']), Type: state('Type', ['Payment', 'CreditCardPayment', 'AlternativePayment', 'CashPayment', 'InvoicePayment', 'ExternalPayment', 'GhostPayment', 'TaxDeductedPayment']),
  }, { anyOf: ['PaymentIds', 'AccountIds', 'BillIds', 'ReservationIds', 'CreatedUtc', 'UpdatedUtc', 'ChargedUtc', 'ClosedUtc', 'SettlementUtc'] }),
  lists('bills/getAll', 'Bills', {
    EnterpriseIds: enterprises, IssuedUtc: within('IssuedUtc'), PaidUtc: within('PaidUtc'), DueUtc: within('DueUtc'), CreatedUtc: created, UpdatedUtc: updated, ClosedUtc: within('IssuedUtc'), BillIds: ids(), CustomerIds: ids('AccountId'), State: state('State', ['Open', 'Closed']), Type: state('Type', ['Receipt', 'Invoice']), CorrectionState: states('CorrectionState', ['Bill', 'CorrectiveBill'], ['Bill']),
  }, { extent: { required: false, flags: ['Items'] }, anyOf: ['IssuedUtc', 'PaidUtc', 'DueUtc', 'CreatedUtc', 'UpdatedUtc', 'ClosedUtc', 'BillIds', 'CustomerIds'] }),
  lists('accountingCategories/getAll', 'AccountingCategories', { EnterpriseIds: enterprises, AccountingCategoryIds: ids(), UpdatedUtc: updated, ActivityStates: activity() }),
  lists('businessSegments/getAll', 'BusinessSegments', { EnterpriseIds: enterprises, Ids: ids(), ServiceIds: services(), UpdatedUtc: updated, ActivityStates: activity() }),
  lists('outlets/getAll', 'Outlets', { EnterpriseIds: enterprises, OutletIds: ids(), UpdatedUtc: updated }),
  lists('ageCategories/getAll', 'AgeCategories', { EnterpriseIds: enterprises, AgeCategoryIds: ids(), ServiceIds: services(), UpdatedUtc: updated, ActivityStates: activity() }),
  lists('rateGroups/getAll', 'RateGroups', { EnterpriseIds: enterprises, RateGroupIds: ids(), ServiceIds: services(), ExternalIdentifiers: texts('ExternalIdentifier'), UpdatedUtc: updated, ActivityStates: activity() }, { anyOf: ['RateGroupIds', 'ServiceIds'] }),
  lists('reservationGroups/getAll', 'ReservationGroups', { EnterpriseIds: enterprises, ReservationGroupIds: ids(), UpdatedUtc: updated }, { anyOf: ['ReservationGroupIds', 'UpdatedUtc'] }),
  lists('counters/getAll', 'Counters', { EnterpriseIds: enterprises, CounterIds: ids(), Type: state('Type', ['Counter', 'AccountingCounter', 'AvailabilityBlockCounter', 'BillCounter', 'BillPreviewCounter', 'FiscalCounter', 'ProformaCounter', 'RegistrationCardCounter', 'ServiceOrderCounter', 'CorrectionBillCounter', 'PaymentConfirmationBillCounter', 'CreditNoteBillCounter']), UpdatedUtc: updated }, {
    along: Object.fromEntries(['BillCounter', 'ProformaCounter', 'BillPreviewCounter', 'ServiceOrderCounter', 'RegistrationCardCounter'].map((type) => [`${type}s`, having('Type', type)])),
  }),
  lists('resourceCategoryAssignments/getAll', 'ResourceCategoryAssignments', { EnterpriseIds: enterprises, ResourceCategoryAssignmentIds: ids(), ResourceCategoryIds: ids('CategoryId'), UpdatedUtc: within('UpdatedUtc', null), ActivityStates: activity(), ResourceIds: ids('ResourceId') }, { required: ['ResourceCategoryIds'] }),
  lists('currencies/getAll', 'Currencies', {}, { scope: 'platform', paged: false, portfolio: false }),
  lists('languages/getAll', 'Languages', {}, { scope: 'platform', paged: false, portfolio: false }),
];

export const operations: ReadonlyMap<string, Operation> = new Map([...mainOperations, ...moreOperations].map((operation) => [operation.path, operation]));
