// The 67 collections that Mews lists, and each enterprise's configuration, as facts. A detail that looks odd is odd at Mews: change it only with the vendor's contract at hand.
import type { CollectionEntry } from './collection-entry.js';
import {
  active, date, deletedApart, deletedToo, ids, instant, keyed, list, named, ofChain, ofEnterprise, ofParent, through, ofService, oneId, parent, perChain, perEnterprise,
  perParent, perParentAlone, perParentInChain, perService, perToken, platform, updated,
} from './collection-kit.js';

export const collections: readonly CollectionEntry[] = [
  // stage 0
  platform('countries', [list('Countries', keyed('Code')),
    list('CountrySubdivisions', keyed('Code')), list('CountryRules', keyed('CountryCode')), list('CountryGroups', keyed('Code'))]),
  platform('currencies', [list('Currencies', keyed('Code'))]),
  platform('languages', [list('Languages', keyed('Code'))]),
  platform('sources', [list('Sources', updated)], {
    strategy: 'incremental', intervals: [instant('UpdatedUtc')], paginated: true, byIds: ids('SourceIds'), fullEvery: 'P1D',
  }),
  platform('taxEnvironments', [list('TaxEnvironments', keyed('Code'))]),
  platform('taxations', [list('Taxations', keyed('Code')), list('TaxRates', keyed('Code'))]),
  perEnterprise('enterprises', [list('Enterprises', updated, ofChain, { enterprise: 'Id' })], { stage: 0, byIds: ids('EnterpriseIds'), fullEvery: 'P1D' }),
  perEnterprise('configuration', [list('Configuration', keyed('Enterprise.Id'), { enterprise: 'Enterprise.Id' })], {
    path: 'configuration/get', strategy: 'snapshot', stage: 0, intervals: [], paginated: false, enterprises: oneId('EnterpriseId'), singleton: { volatile: ['NowUtc'] },
  }),

  // stage 1
  perEnterprise('accountingCategories', [list('AccountingCategories', updated, ofEnterprise, active)], {
    body: deletedToo, byIds: ids('AccountingCategoryIds'),
  }),
  perEnterprise('ageCategories', [list('AgeCategories', updated, ofService, active)], { body: deletedToo, byIds: ids('AgeCategoryIds') }),
  perEnterprise('availabilityAdjustments', [list('AvailabilityAdjustments', updated, active, through('resourceCategories', 'ResourceCategoryId'))], {
    body: deletedToo, byIds: ids('AvailabilityAdjustmentIds'), every: 'PT15M',
  }),
  perEnterprise('availabilityBlocks', [list('AvailabilityBlocks', updated, ofEnterprise, ofService, active)], {
    body: { Extent: { AvailabilityBlocks: true, Adjustments: false }, ...deletedToo },
    byIds: ids('AvailabilityBlockIds'), personal: true, every: 'PT15M',
  }),
  perEnterprise('billingAutomations', [list('BillingAutomations', updated, ofEnterprise)], {
    strategy: 'snapshot', intervals: [], byIds: ids('BillingAutomationIds', 100), personal: true,
  }),
  perEnterprise('bills', [list('Bills', updated, ofEnterprise)], {
    portfolio: 'implied', firstLoad: 'windows',
    body: { CorrectionState: ['Bill', 'CorrectiveBill'] }, byIds: ids('BillIds'), personal: true, every: 'PT15M',
  }),
  perEnterprise('businessSegments', [list('BusinessSegments', updated, ofService, active)], { body: deletedToo, byIds: ids('Ids') }),
  perEnterprise('cashierTransactions', [list('CashierTransactions', ofEnterprise)], {
    strategy: 'windowed', intervals: [instant('CreatedUtc', 3, 31)], firstLoad: 'windows', byIds: ids('CashierTransactionIds'), personal: true, every: 'PT15M',
  }),
  perEnterprise('cashiers', [list('Cashiers', updated, ofEnterprise, active)], { body: deletedToo, byIds: ids('Ids') }),
  perEnterprise('companyContracts', [list('TravelAgencyContracts', named('companyContracts'), updated, ofService, active)], {
    body: deletedToo, byIds: ids('CompanyContractIds'), personal: true,
  }),
  perEnterprise('counters', [list('Counters', updated, ofEnterprise)], { byIds: ids('CounterIds'), fullEvery: 'P1D' }),
  perEnterprise('creditCards', [list('CreditCards', updated, ofEnterprise, active)], {
    firstLoad: 'windows', byIds: ids('CreditCardIds'), personal: true, every: 'PT15M',
  }),
  perEnterprise('departments', [list('Departments', updated, ofEnterprise, active)], { byIds: ids('DepartmentIds') }),
  perToken('devices', [list('Devices')]),
  perEnterprise('exchangeRates', [list('ExchangeRates', ofEnterprise)], {
    strategy: 'snapshot', intervals: [], portfolio: 'implied', paginated: false, byIds: ids('Ids'),
  }),
  perEnterprise('ledgerBalances', [list('LedgerBalances', keyed('EnterpriseId', 'Date', 'LedgerType'), ofEnterprise)], {
    strategy: 'windowed', intervals: [date('Date', 1, 62)], firstLoad: 'windows',
    body: { LedgerTypes: ['Revenue', 'Tax', 'Payment', 'Deposit', 'Guest', 'City', 'NonRevenue'] },
  }),
  perEnterprise('messageThreads', [list('MessageThreads', updated)], {
    firstLoad: 'windows', byIds: ids('MessageThreadIds'), personal: true, every: 'PT15M',
  }),
  perEnterprise('orderItems', [list('OrderItems', updated, ofEnterprise, ofService)], {
    firstLoad: 'windows',
    body: { AccountingStates: ['Open', 'Closed', 'Inactive', 'Canceled'] }, byIds: ids('OrderItemIds'), personal: true, every: 'PT15M',
  }),
  perEnterprise('outletItems', [list('OutletItems', updated, ofEnterprise), list('OutletBills', updated, ofEnterprise)], {
    firstLoad: 'windows', byIds: ids('Ids'), personal: true, every: 'PT15M',
  }),
  perEnterprise('outlets', [list('Outlets', updated, ofEnterprise, active)], { portfolio: 'implied', byIds: ids('OutletIds') }),
  perEnterprise('paymentRequests', [list('PaymentRequests', updated, ofEnterprise)], {
    byIds: ids('PaymentRequestIds'), personal: true, every: 'PT15M',
  }),
  perEnterprise('payments', [list('Payments', updated, ofEnterprise)], {
    firstLoad: 'windows',
    body: { AccountingStates: ['Open', 'Closed', 'Inactive', 'Canceled'] }, byIds: ids('PaymentIds'), personal: true, every: 'PT15M',
  }),
  perEnterprise('reservationGroups', [list('ReservationGroups', ofEnterprise)], {
    firstLoad: 'windows', byIds: ids('ReservationGroupIds'), personal: true, every: 'PT15M',
  }),
  perEnterprise('reservations', [list('Reservations', updated, ofService)], {
    path: 'reservations/getAll/2023-06-06',
    body: { States: ['Inquired', 'Confirmed', 'Started', 'Processed', 'Canceled', 'Optional', 'Requested'] },
    byIds: ids('ReservationIds'), personal: true, every: 'PT15M',
  }),
  perEnterprise('resourceAccessTokens', [list('ResourceAccessTokens', updated, ofEnterprise, active)], {
    firstLoad: 'windows', body: deletedToo, byIds: ids('ResourceAccessTokenIds'), personal: true, every: 'PT15M',
  }),
  perEnterprise('resourceBlocks', [list('ResourceBlocks', updated, ofEnterprise, active)], {
    body: deletedToo, byIds: ids('ResourceBlockIds'), personal: true, every: 'PT15M',
  }),
  perEnterprise('resources', [list('Resources', updated, ofEnterprise, active)], {
    body: { Extent: { Resources: true, Inactive: true } }, byIds: ids('ResourceIds'),
  }),
  perEnterprise('services', [list('Services', updated, ofEnterprise, active)], { byIds: ids('ServiceIds') }),
  perEnterprise('sourceAssignments', [list('SourceAssignments', updated)], {
    path: 'sourceAssignments/getAll/2024-09-20', fallbackPath: 'sourceAssignments/getAll', intervals: [instant('UpdatedUtc', 1)],
    restricted: true, cursor: 'to-newer', enterprises: ids('EnterpriseIds', 1), every: 'PT15M', idsChange: true,   // by the other operation they are other ids
  }),
  perEnterprise('tasks', [list('Tasks', ofEnterprise)], {
    strategy: 'windowed', intervals: [instant('CreatedUtc', 3, 88), instant('ClosedUtc')], portfolio: 'implied',
    byIds: ids('TaskIds'), personal: true, every: 'PT15M', fullEvery: 'P1D',
  }),
  perChain('accountNotes', [list('AccountNotes', active)], { body: deletedToo, byIds: ids('AccountNoteIds'), personal: true, every: 'PT15M' }),
  perChain('addresses', [list('Addresses', updated, ofChain, active)], {
    firstLoad: 'windows', body: deletedToo, byIds: ids('AddressIds'), personal: true, every: 'PT15M',
  }),
  perChain('companies', [list('Companies', updated, ofChain, active)], { body: deletedToo, byIds: ids('Ids'), personal: true, every: 'PT15M' }),
  perChain('customers', [list('Customers', updated, ofChain, active)], {
    firstLoad: 'windows',
    body: { Extent: { Customers: true, Addresses: false }, ...deletedToo }, byIds: ids('CustomerIds'), personal: true, every: 'PT15M',
  }),
  perChain('loyaltyPrograms', [list('LoyaltyPrograms', ofChain)], { ...deletedApart, byIds: ids('LoyaltyProgramIds') }),

  // stage 2
  perChain('loyaltyMemberships', [list('LoyaltyMemberships', ofChain)], {
    stage: 2, ...deletedApart, byIds: ids('LoyaltyMembershipIds'), personal: true, every: 'PT15M',
  }),
  perService('productCategories', [list('ProductCategories', updated, ofEnterprise, ofService)], {
    byIds: ids('ProductCategoryIds'), fullEvery: 'P1D',
  }),
  perService('productServiceOrders', [list('ProductServiceOrders', updated, ofService)], {
    byIds: ids('ProductServiceOrderIds'), personal: true, every: 'PT15M',
  }),
  perService('products', [list('Products', updated, ofService, active), list('CustomerProducts', updated, ofService, active)], {
    body: { IncludeDefault: true }, byIds: ids('ProductIds'),
  }),
  perService('rateGroups', [list('RateGroups', updated, ofService, active)], { body: deletedToo, byIds: ids('RateGroupIds') }),
  perService('resourceCategories', [list('ResourceCategories', ofEnterprise, ofService, active)], {
    portfolio: 'implied', bookable: true, body: deletedToo, byIds: ids('ResourceCategoryIds'),
  }),
  perService('resourceFeatures', [list('ResourceFeatures', updated, ofService, active)], {
    portfolio: 'implied', body: deletedToo, byIds: ids('ResourceFeatureIds'),
  }),
  perService('rules', [list('Rules', updated, ofService), list('RuleActions', through('rules', 'RuleId'))], {
    body: { Extent: { RuleActions: true, Rates: false, RateGroups: false, ResourceCategories: false, BusinessSegments: false } },
    byIds: ids('Ids'), fullEvery: 'P1D',
  }),
  perService('vouchers', [list('Vouchers', updated, ofEnterprise, ofService, active), list('VoucherAssignments', keyed('VoucherId', 'RateId'), through('vouchers', 'VoucherId'))], {
    body: { Extent: { Vouchers: true, VoucherAssignments: true, Rates: false }, ...deletedToo }, byIds: ids('VoucherIds'), fullEvery: 'P1D',
  }),
  perParent('companionships', [list('Companionships', ofParent('ReservationId'))], {
    parents: [parent('reservations', 'ReservationIds')],
    body: { Extent: { Reservations: false, ReservationGroups: false, Customers: false } },
    byIds: ids('CompanionshipIds'), personal: true, every: 'PT15M', fullEvery: 'P1D',
  }),
  perParentInChain('customerRelationships', [list('CustomerRelationships', keyed('CustomerId', 'RelatedCustomerId', 'Relationship'), updated, ofParent('CustomerId'))], {
    path: 'customers/getRelationships', portfolio: 'implied', restricted: true,
    parents: [parent('customers', 'CustomerIds', 100)], personal: true, fullEvery: 'P1D',
  }),
  perParent('fiscalMachineCommands', [list('Commands', named('fiscalMachineCommands'), ofParent('Device.Id'))], {
    restricted: true, parents: [parent('devices', 'DeviceIds', 100, { field: 'Type', equals: 'FiscalMachine' })],
    body: { States: ['Pending', 'Received', 'Processing', 'Processed', 'Cancelled', 'Error'] },
    byIds: ids('CommandIds'), personal: true, every: 'PT15M',
  }),
  perParentInChain('identityDocuments', [list('IdentityDocuments', ofParent('CustomerId'))], {
    strategy: 'snapshot', intervals: [], parents: [parent('customers', 'CustomerIds', 100)],
    byIds: ids('IdentityDocumentIds', 100), personal: true, fullEvery: 'P1D',
  }),
  perParentInChain('loyaltyTiers', [list('LoyaltyTiers', ofParent('LoyaltyProgramId'))], {
    parents: [parent('loyaltyPrograms', 'LoyaltyProgramIds')], ...deletedApart, byIds: ids('LoyaltyTierIds'), fullEvery: 'P1D',
  }),
  perParent('messages', [list('Messages', ofParent('MessageThreadId'))], {
    strategy: 'windowed', intervals: [instant('CreatedUtc', 1, 27)],
    parents: [parent('messageThreads', 'MessageThreadIds')], personal: true, every: 'PT15M',
  }),
  perParentAlone('preauthorizations', [list('Preauthorizations', active, ofParent('CustomerId'))], {
    path: 'preauthorizations/getAllByCustomers', parents: [parent('customers', 'CustomerIds')], personal: true,
  }),

  // stage 3
  perService('cancellationPolicies', [list('CancellationPolicies', updated, active, through('rateGroups', 'RateGroupId'))], {
    stage: 3, restricted: true, firstLoad: 'windows', services: ids('ServiceIds', 100), body: deletedToo, byIds: ids('CancellationPolicyIds'),
  }),
  perService('rates', [list('Rates', updated, ofService, active)], {
    stage: 3, bookable: true, body: { Extent: { Rates: true, AvailabilityBlockAssignments: false }, ...deletedToo }, byIds: ids('RateIds'),
  }),
  perService('serviceOverbookingLimits', [list('ServiceOverbookingLimits', updated, ofService, active)], {
    stage: 3, restricted: true, body: deletedToo, byIds: ids('ServiceOverbookingLimitIds'),
  }),
  perParent('resourceCategoryAssignments', [list('ResourceCategoryAssignments', updated, active, ofParent('CategoryId'))], {
    stage: 3, portfolio: 'implied', parents: [parent('resourceCategories', 'ResourceCategoryIds')],
    body: deletedToo, byIds: ids('ResourceCategoryAssignmentIds'),
  }),
  perParent('resourceCategoryImageAssignments', [list('ResourceCategoryImageAssignments', updated, active, ofParent('CategoryId'))], {
    stage: 3, portfolio: 'implied', parents: [parent('resourceCategories', 'ResourceCategoryIds')],
    body: deletedToo, byIds: ids('ResourceCategoryImageAssignmentIds'),
  }),
  perParent('resourceFeatureAssignments', [list('ResourceFeatureAssignments', updated, active, ofParent('FeatureId'))], {
    stage: 3, portfolio: 'implied', parents: [parent('resourceFeatures', 'ResourceFeatureIds')],
    body: deletedToo, byIds: ids('ResourceFeatureAssignmentIds'),
  }),
  perParent('serviceOrderNotes', [list('ServiceOrderNotes', updated, ofParent('OrderId'))], {
    stage: 3, parents: [parent('reservations', 'ServiceOrderIds'), parent('productServiceOrders', 'ServiceOrderIds')],
    body: { Types: ['General', 'ChannelManager', 'SpecialRequest'] },
    byIds: ids('ServiceOrderNoteIds'), personal: true, every: 'PT15M', fullEvery: 'P1D',
  }),
  perParent('voucherCodes', [list('VoucherCodes', updated, active, ofParent('VoucherId'))], {
    stage: 3, parents: [parent('vouchers', 'VoucherIds')], byIds: ids('VoucherCodeIds'),
  }),

  // stage 4
  perService('restrictions', [list('Restrictions', ofService)], { stage: 4, byIds: ids('RestrictionIds'), fullEvery: 'PT0S', idsChange: true }),
];

const byName = new Map(collections.map((entry) => [entry.name, entry]));

/** The entry of a collection, or undefined when Mews has none of this name. */
export const collection = (name: string): CollectionEntry | undefined => byName.get(name);
