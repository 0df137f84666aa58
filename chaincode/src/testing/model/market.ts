import { recordHash } from '../../contracts/market/guards';
import type { OrderRecord, SettlementRecord } from '../../api/records';
import { parseRefusal, type RefusalCode } from '../../domain/refusals';
import { DAY, DSO, type TestCommunity } from '../community';
import { testSalt } from '../identities';
import { CLOSERS, sumsOf } from '../market/closing';
import type { Simulated } from '../memory-network';
import type { Code } from '../world-state';
import type { Action, Proposal } from './actions';
import { CLOCK, SHORT_DAY } from './short-day';

/** A transaction that is endorsed and not yet committed. */
export interface Endorsed {
    readonly action: Action;
    readonly simulated: Simulated;
    readonly endorsers: readonly string[];
}

/** The system under test: a community in memory, and what its members' agents keep for themselves. */
export class Market {
    readonly #orders = new Map<string, OrderRecord>();
    /** Endorsed on a state of then, to be committed later or never. */
    readonly waiting: Endorsed[] = [];

    constructor(readonly community: TestCommunity) {}

    keep(order: OrderRecord): void {
        this.#orders.set(recordHash(order), order);
    }

    /** The order that a marker or a closed round names. Of several of one name only one was committed. */
    kept(hash: string): OrderRecord[] {
        const found = this.#orders.get(hash);
        return found === undefined ? [] : [found];
    }

    /** Drafts and endorses; the refusal if there is one. Whatever else goes wrong is thrown. */
    async attempt(action: Action): Promise<Endorsed | RefusalCode> {
        try {
            const { name, args, ...options } = await action.prepare(this);
            const simulated = await this.community.endorse(name, args as never, options);
            return { action, simulated, endorsers: options.endorsers };
        } catch (error) {
            const refusal = error instanceof Error ? parseRefusal(error.message) : undefined;
            if (refusal === undefined || this.community.network.hasWritten) {
                throw error;
            }
            return refusal.code;
        }
    }

    commit({ simulated, endorsers }: Endorsed, by: readonly string[] = endorsers): Code {
        return this.community.network.commit(simulated, by);
    }

    /** What a household, or the grid operator in its place, settles its day from. */
    async settlementInputs(
        mspId: string,
        by: string,
    ): Promise<{ readonly readings: object[]; readonly orders: OrderRecord[]; readonly salt: string }> {
        const range = { from: SHORT_DAY[0] ?? 0, to: SHORT_DAY.at(-1) ?? 0, mspId };
        const readings = await this.community.query('metering:ownReadings', range, { by });
        const rounds = await this.community.query('auction:rounds', { day: DAY });
        const closed = rounds
            .flatMap((round) => round.closed ?? [])
            .filter(({ order }) => order.startsWith(`${mspId}/`));
        const orders = closed.flatMap(({ hash }) => this.kept(hash));
        return { readings, orders, salt: testSalt(`settlement ${mspId} ${by}`) };
    }

    async closing(): Promise<Proposal> {
        const settlements: SettlementRecord[] = [];
        for (const mspId of this.community.households) {
            settlements.push(await this.community.query('billing:ownSettlement', { day: DAY, mspId }));
        }
        const args = { day: DAY, sums: sumsOf(settlements, { clock: CLOCK }) };
        return { name: 'billing:closeDay', args, by: DSO, endorsers: CLOSERS };
    }
}
