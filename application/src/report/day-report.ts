import type { DayResult } from '../day/trading-day';
import { billsTable } from './bills-table';
import type { AccountsSummary, ContractSummary, DaySummary } from './day-summary';
import { decimal } from './decimal';
import { droppedText } from './dropped-orders';
import { feederLine } from './feeder-text';
import { forecastText } from './forecast';
import { lateText } from './late-homes';
import { dayScheduleText } from './schedule/day-schedule';

/** What people read after a day. */
export function dayReport(result: DayResult, summary: DaySummary, currency: string): string {
    return [
        `${result.day}: ${summary.homes} homes, ${summary.rounds} rounds. Positive amounts are paid by the home, negative are paid to it.`,
        ...(summary.schedule?.status === 'converged' ? [] : droppedText(summary, currency)),
        '',
        billsTable(result, currency),
        '',
        ...facts(summary, currency),
        ...summary.contracts.map((contract) => contractText(contract, currency)),
        ...summary.provisional.map(
            ({ home, estimatedSlots, due }) =>
                `${home} was silent: ${estimatedSlots} slots estimated, ${due === null ? 'no bill yet' : `a provisional bill of ${decimal(BigInt(due), 2)} ${currency}`}; \`commonwatt correct ${home}\` once it is back.`,
        ),
        ...result.refusedOrders.map((refused) => `order refused: ${refused}`),
        ...result.refusedContracts.map((refused) => `contract refused: ${refused}`),
    ].join('\n');
}

/** What is stored and what is got of it differ by the losses, which the seller bears. */
function contractText(contract: ContractSummary, currency: string): string {
    const { id, seller, buyer, takenWh, deliveredWh, paymentNanos, status } = contract;
    const kilowattHours = (wh: number): string => `${decimal(BigInt(wh), 3)} kWh`;
    const price = decimal(BigInt(paymentNanos) / 1000n, 6).slice(0, -3);
    const sale = `${buyer ?? 'nobody'} ${kilowattHours(deliveredWh)} of it for ${price} ${currency}`;
    return `Contract ${id}: ${seller} had ${kilowattHours(takenWh)} stored and sold ${sale} (${status}).`;
}

function facts(summary: DaySummary, currency: string): string[] {
    const micros = (n: number): string => `${decimal(BigInt(n), 6).slice(0, -3)} ${currency}`;
    const invalid = Object.entries(summary.invalid).map(([code, count]) => `${count} ${code}`);
    const { start, trading, settlement } = summary.seconds;
    return [
        ...(summary.schedule === undefined ? [] : [dayScheduleText(summary.schedule)]),
        ...(summary.late ?? []).map((each) => lateText(each, currency)),
        ...(summary.forecast === undefined || summary.forecast.kind === 'perfect'
            ? []
            : [forecastText(summary.forecast)]),
        `Traded between neighbours: ${decimal(BigInt(summary.tradedWh), 3)} kWh. Against the tariffs alone buyers saved ${micros(summary.savedMicros)}, sellers gained ${micros(summary.sellersGainMicros)}.`,
        `Pays more than by the tariffs alone: ${summary.worseOff.join(', ') || 'nobody'}.`,
        `Bought less sold: ${summary.energyImbalanceWh} Wh. Money that came from or went nowhere: ${summary.moneyImbalanceNanos} nanos.`,
        ...(summary.feeder === undefined ? [] : [feederLine(summary.feeder, currency)]),
        ...accountsText(summary.accounts, currency),
        `Transactions on the channel: ${summary.transactions}; invalid: ${invalid.join(', ') || 'none'}. All peers have the same blocks and state: ${summary.peersAgree ? 'yes' : 'NO'}.`,
        `Seconds: ${start} to start, ${trading} to trade, ${settlement} to settle.`,
    ];
}

function accountsText(accounts: AccountsSummary | undefined, currency: string): string[] {
    if (accounts === undefined) {
        return [];
    }
    const amount = (nanos: number): string => `${decimal(BigInt(nanos), 9).slice(0, -7)} ${currency}`;
    const { atBankNanos, availableNanos, reservedNanos, escrowNanos, paidForBillsNanos, unaccountedNanos } = accounts;
    return [
        `Members' money at the bank: ${amount(atBankNanos)}; of it available ${amount(availableNanos)}, reserved ${amount(reservedNanos)}, in escrow ${amount(escrowNanos)}, paid for bills ${amount(paidForBillsNanos)}; unaccounted for: ${unaccountedNanos} nanos.`,
        ...(accounts.unpaid.length === 0 ? [] : [`Bills not paid: ${accounts.unpaid.join(', ')}.`]),
    ];
}
