// Which property of a request names the enterprises or chains it is about. With a portfolio's token, a request without it is about all of them.
export type ScopeProperty = 'EnterpriseIds' | 'EnterpriseId' | 'ChainIds' | 'ChainId';

const operations: Record<ScopeProperty | 'none', string> = {
  EnterpriseIds: `
    accountingCategories/getAll ageCategories/getAll availabilityAdjustments/getAll availabilityBlocks/getAll billingAutomations/getAll
    bills/getAll businessSegments/getAll cancellationPolicies/getAll cashierTransactions/getAll cashiers/getAll companionships/getAll
    companyContracts/getAll counters/getAll creditCards/getAll departments/getAll enterprises/getAll exchangeRates/getAll
    fiscalMachineCommands/getAll ledgerBalances/getAll messageThreads/getAll messages/getAll orderItems/getAll outletItems/getAll
    outlets/getAll paymentRequests/getAll payments/getAll productCategories/getAll productServiceOrders/getAll products/getAll|getPricing
    rateGroups/getAll rates/getAll reservationGroups/getAll reservations/getAll/2023-06-06 resourceAccessTokens/getAll
    resourceBlocks/getAll resourceCategories/getAll resourceCategoryAssignments/getAll resourceCategoryImageAssignments/getAll
    resourceFeatureAssignments/getAll resourceFeatures/getAll resources/getAll restrictions/getAll routingRules/getAll rules/getAll
    serviceOrderNotes/getAll serviceOverbookingLimits/getAll services/getAll sourceAssignments/getAll|getAll/2024-09-20 tasks/getAll
    voucherCodes/getAll vouchers/getAll`,
  EnterpriseId: `
    accountingItems/update availabilityBlocks/add|delete|update billingAutomationPaymentPlans/add
    billingAutomations/add|delete|update|updateAssignments bills/add|close|delete|update commands/addKeyCutter|addPrinter
    companyContracts/delete configuration/get creditCards/addTokenized|disable orderItems/cancel orders/add paymentMethodRequests/add
    paymentRequests/add payments/addExternal|refund products/delete|updatePrice rates/add|delete|set|updateCapacityOffset
    reservations/add|addCompanion|cancel|confirm|deleteCompanion|process|start|update|updateCustomer|updateInterval
    resourceAccessTokens/update resourceCategories/add|delete|update serviceOverbookingLimits/clear|set voucherCodes/add|delete
    vouchers/add|delete|update`,
  ChainIds: `
    accountNotes/getAll addresses/getAll companies/getAll customers/getAll|getRelationships identityDocuments/getAll
    loyaltyMemberships/getAll loyaltyPrograms/getAll loyaltyTiers/getAll`,
  ChainId: `
    accountNotes/add|delete|update accounts/addFile|update addresses/add|delete|update companies/add|delete|update
    customers/add|addFile|update identityDocuments/add|clear|delete|update loyaltyMemberships/add|delete|update loyaltyPrograms/add|update
    loyaltyTiers/add`,
  none: `
    accountingItems/getAll accounts/merge bills/getPdf cancellationPolicies/getByRates|getByReservations
    commands/addPaymentTerminal|getAllActive|getAllByIds|update companyContracts/add|update countries/getAll creditCards/charge
    currencies/getAll customers/getOpenItems|merge|search devices/getAll exports/add|getAll images/getUrls languages/getAll|getTexts
    loyaltyPrograms/delete loyaltyTiers/delete|update messageThreads/add messages/add outletBills/add paymentRequests/cancel
    payments/addAlternative|addCreditCard preauthorizations/getAllByCustomers rates/getPricing|updatePrice
    reservations/addProduct|getAll|getAllItems|getChannelManagerDetails|price resourceAccessTokens/add|delete resourceBlocks/add|delete
    resources/getOccupancyState|update restrictions/add|clear|delete|set routingRules/add|delete|update serviceOrderNotes/add|delete|update
    services/getAvailability|getAvailability/2024-01-22|updateAvailability sources/getAll tasks/add|close taxEnvironments/getAll
    taxations/getAll`,
};

// `products/getAll|getPricing` stands for two operations of one resource.
const scopes = new Map<string, string>(Object.entries(operations).flatMap(([scope, text]) => text.trim().split(/\s+/).flatMap((word) => {
  const slash = word.indexOf('/');
  return word.slice(slash + 1).split('|').map((action) => [`${word.slice(0, slash)}/${action}`, scope] as const);
})));

/** These discover what a token opens, so they cannot name it. */
const discovering = new Set(['configuration/get', 'enterprises/getAll']);
const properties: readonly ScopeProperty[] = ['EnterpriseIds', 'EnterpriseId', 'ChainIds', 'ChainId'];

/**
 * The property that a request with a portfolio's token must have and lacks, or null when all is well.
 * An operation that is newer than this table must name one of the four.
 */
export function missingScope(path: string, body: Readonly<Record<string, unknown>>): string | null {
  if (discovering.has(path)) return null;
  const scope = scopes.get(path);
  if (scope === 'none') return null;
  const wanted = properties.filter((property) => scope === undefined || scope === property);
  return wanted.some((property) => names(Object.hasOwn(body, property) ? body[property] : undefined)) ? null : wanted.join(' or ');
}

const names = (value: unknown): boolean => {
  const ids: readonly unknown[] = Array.isArray(value) ? value : [value];
  return ids.length > 0 && ids.every((id) => typeof id === 'string' && id !== '');
};
