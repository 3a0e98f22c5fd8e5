// The machines of a hotel, and what the fiscal one was told to print.
import { only } from './along.js';
import { writtenBy } from './generate-accounts.js';
import type { Past } from './past.js';
import { hourMs, textOf, type MewsRecord } from './record.js';

const ofBill = only(
  'Id', 'Name', 'EnterpriseId', 'AccountId', 'AccountType', 'AssociatedAccountIds', 'CounterId', 'State', 'Type', 'Number', 'VariableSymbol', 'CreatedUtc', 'UpdatedUtc',
  'IssuedUtc', 'TaxedUtc', 'PaidUtc', 'DueUtc', 'LastReminderDateUtc', 'PurchaseOrderNumber', 'Notes', 'Options', 'EnterpriseData', 'CorrectionState', 'CorrectionType', 'CorrectedBillId',
);
const others = [['Printer', 'Front desk printer'], ['Printer', 'Kitchen printer'], ['PaymentTerminal', 'Terminal 1'], ['KeyCutter', 'Key encoder'], ['PassportScanner', 'Scanner']] as const;

/** The last bills went to the fiscal machine. */
export function fillMachines({ writer, random, hotel, bills, profiles }: Past): void {
  const device = (shown: MewsRecord): MewsRecord => ({ Id: writer.save('devices', shown, writer.founded(), 'neither'), ...shown });
  const machine = device({ Type: 'FiscalMachine', Name: 'Fiscal printer', Identifier: 'FP-1' });
  for (const [type, name] of others) device({ Type: type, Name: name, Identifier: null });
  bills.slice(-15).forEach((bill, i) => {
    const atMs = Math.min(Date.parse(textOf(bill, 'UpdatedUtc')), writer.epochMs);
    const state = i % 5 === 4 ? 'Error' : i % 5 === 3 ? 'Cancelled' : 'Processed';
    writer.save('fiscalMachineCommands', {
      State: state, Creator: writtenBy(random.pick([profiles.staffId, null])), FiscalMachineId: 'FP-1', ApiUrl: 'https://fiscal.example.com/', FiscalMachineData: '{}',
      TaxIdentifier: `${hotel.enterprise.country.code}${random.int(100_000_000, 999_999_999)}`, Device: machine,
      Bill: { ...ofBill(bill), Owner: null, AssociatedAccountsData: null }, CommandData: null,
    }, [atMs, Math.min(atMs + hourMs, writer.epochMs)], 'created');
  });
}
