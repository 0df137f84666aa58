import { outcomeOf } from '@commonwatt/chaincode/api/outcomes';
import type { BillRecord, OrderRecord, RoundRecord } from '@commonwatt/chaincode/api/records';
import { differences, type HomeRegisters } from '../../data/meter-day';
import type { OwnResult, RefusedOrder } from '../../household/agent';
import type { Paid } from '../../household/home-money';
import type { KeptOrders } from '../../household/kept-orders';
import type { Journal, Note } from '../store/journal';

const sum = (parts: readonly bigint[]): bigint => parts.reduce((so, part) => so + part, 0n);

/** What a household's agent notes of a day. Each thing once, however often the agent begins again. */
export class HouseholdNotes {
    readonly #journal: Journal;
    readonly #day: string;

    constructor(journal: Journal, day: string) {
        this.#journal = journal;
        this.#day = day;
    }

    covered(covered: boolean, isAsked: boolean): void {
        if (isAsked) {
            this.#once({ kind: 'covered', facts: { day: this.#day, covered } }, String(covered));
        }
    }

    ordered(
        slots: readonly number[],
        kept: KeptOrders,
        expected: (slot: number) => { readonly expectedWh: bigint; readonly batteryWh: bigint },
        refused: readonly RefusedOrder[],
    ): void {
        const codes = new Map(refused.map(({ slot, code }) => [slot, code]));
        const day = this.#day;
        const notes = slots.flatMap((slot): Note[] => {
            const order = kept.find(slot);
            const code = codes.get(slot);
            const once = `${day}/${slot}`;
            if (code !== undefined) {
                return [{ kind: 'refused', slot, once, facts: { day, code } }];
            }
            if (order?.limit == null) {
                return [];
            }
            const { side, energyWh, limit } = order;
            const facts = { day, side, energyWh, limit, ...expected(slot) };
            return [{ kind: 'ordered', slot, once, facts }];
        });
        this.#journal.noteAll(notes);
    }

    opened(slots: readonly number[]): void {
        this.#journal.note({ kind: 'opened', facts: { day: this.#day, orders: slots.length } });
    }

    traded(orders: readonly OrderRecord[], rounds: readonly RoundRecord[]): void {
        const day = this.#day;
        const bySlot = new Map(rounds.map((round) => [round.slot, round]));
        const notes = orders.flatMap((order): Note[] => {
            const round = bySlot.get(order.slot);
            const outcome = round?.status === 'cleared' ? outcomeOf(round, order) : undefined;
            if (outcome === undefined || order.limit === null) {
                return [];
            }
            const { slot, side, energyWh: orderedWh, limit } = order;
            const price = round?.price ?? null;
            const reason = outcome.fill > 0n ? null : outcome.reason;
            const facts = { day, side, orderedWh, filledWh: outcome.fill, limit, price, reason };
            return [{ kind: 'traded', slot, once: `${day}/${slot}`, facts }];
        });
        this.#journal.noteAll(notes);
    }

    read({ consumed, produced }: HomeRegisters, firstSlot: number, after: number, to: number): void {
        const [from, end] = [Math.max(0, after + 1 - firstSlot), to + 1 - firstSlot];
        const part = (register: readonly bigint[]): bigint[] => differences(register).slice(from, end);
        const [taken, given] = [part(consumed), part(produced)];
        const nets = given.map((wh, index) => wh - (taken[index] ?? 0n));
        const importedWh = sum(nets.map((net) => (net < 0n ? -net : 0n)));
        const exportedWh = sum(nets.map((net) => (net > 0n ? net : 0n)));
        const facts = { day: this.#day, slots: nets.length, importedWh, exportedWh };
        this.#once({ kind: 'read', slot: to, facts }, String(to));
    }

    scheduled(status: string): void {
        this.#once({ kind: 'scheduled', facts: { day: this.#day, status } }, status);
    }

    settled(): void {
        this.#once({ kind: 'settled', facts: { day: this.#day } });
    }

    billed(bill: BillRecord | undefined, paid: Paid | undefined, own: OwnResult): void {
        if (bill === undefined) {
            return;
        }
        const { from, to } = bill;
        const [dueMinor, dueWithoutMarketMinor] = [own.due.dueMinor, own.dueWithoutMarket.dueMinor];
        this.#once({ kind: 'billSigned', facts: { from, to, dueMinor, dueWithoutMarketMinor } });
        if (paid !== undefined) {
            this.#once({ kind: 'paid', facts: { from, to, outcome: paid } }, paid);
        }
    }

    #once(note: Note, what = ''): void {
        this.#journal.note({ ...note, once: `${this.#day}/${what}` });
    }
}
