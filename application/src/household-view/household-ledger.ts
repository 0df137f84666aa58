import { join } from 'node:path';
import {
    BILL,
    type AccountRecord,
    type BillRecord,
    type Charter,
    type CorrectionRecord,
    type FeederRecord,
    type OrderRecord,
    type PoolRecord,
    type ReadingRecord,
    type RoundRecord,
    type ScheduleRecord,
    type SettlementMarker,
    type SettlementRecord,
} from '@commonwatt/chaincode/api/records';
import { plainLossShares, sharersOf } from '../audit/plain-feeder';
import { submissionOf } from '../community/day-ahead';
import type { CommunityMembers, MemberAccess } from '../community/members';
import { Auction } from '../market/auction';
import { Billing, type Period, type Unbilled } from '../market/billing';
import { Contracts } from '../market/contracts';
import { Corrections } from '../market/corrections';
import { Feeder } from '../market/feeder';
import { Governance } from '../market/governance';
import { Metering } from '../market/metering';
import { Schedule } from '../market/schedule';
import type { DayContracts } from '../storage/contract-energy';
import { ByHeight } from './by-height';
import { ordersOnDisk } from './own-orders-file';
import { PeerTip } from './peer-tip';

/** Nothing to show before the community is founded. */
export class NotFounded extends Error {
    override readonly name = 'NotFounded';
}

/** A day's slots, as it was opened. */
export interface OpenedDay {
    readonly first: number;
    readonly count: number;
    readonly replay: boolean;
}

/**
 * One household's records as its own peer has them, asked with its own key, each once for every height of that peer. What its agent keeps on its
 * disk (orders that are sealed) is read from there. There is no way in here to anybody else's.
 */
export class HouseholdLedger {
    readonly home: string;
    readonly mspId: string;
    readonly tip: PeerTip;
    readonly #members: CommunityMembers;
    readonly #member: MemberAccess;
    readonly #kept: ByHeight;

    constructor(members: CommunityMembers, home: string) {
        this.#members = members;
        this.#member = members.member(home);
        this.home = home;
        this.mspId = this.#member.calls.mspId;
        this.tip = new PeerTip(this.#member.calls.gateway);
        this.#kept = new ByHeight(() => this.tip.height());
    }

    close(): void {
        this.tip.close();
    }

    async charter(): Promise<Charter> {
        const found = await this.#ask('charter', () => new Governance(this.#calls).charter());
        if (found === undefined) {
            throw new NotFounded('the community is not founded');
        }
        return found;
    }

    /** Undefined where nobody has opened the day. */
    openedDay(day: string): Promise<OpenedDay | undefined> {
        return this.#ask(
            `day ${day}`,
            () => new Auction(this.#calls).day(day),
            (found) => found !== undefined,
        );
    }

    rounds(day: string): Promise<readonly RoundRecord[]> {
        const isOver = ({ status }: RoundRecord): boolean => status === 'cleared' || status === 'void';
        return this.#ask(
            `rounds ${day}`,
            () => new Auction(this.#calls).rounds(day),
            (found) => found.length > 0 && found.every(isOver),
        );
    }

    /** The household's own: those that were revealed from its peer, those that are sealed from its agent's disk. */
    orders(day: string, { first, count }: OpenedDay): Promise<readonly OrderRecord[]> {
        return this.#ask(`orders ${day}`, async () => {
            const revealed = (await this.openings(first, first + count - 1)).filter(
                ({ mspId }) => mspId === this.mspId,
            );
            const isRevealed = (order: OrderRecord): boolean => revealed.some(({ key }) => key === order.key);
            const { keys } = this.#member;
            const folder = this.#members.layout.agentFolder(this.home);
            const kept = ordersOnDisk(join(folder, `orders-${day}-${keys.fingerprint}.jsonl`));
            const sealed = new Map(kept.map((order) => [order.slot, order]));
            return [...revealed, ...[...sealed.values()].filter((order) => !isRevealed(order))];
        });
    }

    /** What was opened to the household: its own orders, and others' where it had a seat in the rounds' committee. */
    openings(from: number, to: number): Promise<readonly OrderRecord[]> {
        return this.#ask(`openings ${from} ${to}`, () => new Auction(this.#calls).openings(from, to));
    }

    readings(from: number, to: number): Promise<readonly ReadingRecord[]> {
        return this.#ask(`readings ${from} ${to}`, () => new Metering(this.#calls).ownReadings(from, to));
    }

    settlement(day: string): Promise<SettlementRecord | undefined> {
        return this.#ask(`settlement ${day}`, () => this.#billing.settlement(day));
    }

    settlementMarkers(day: string): Promise<readonly SettlementMarker[]> {
        return this.#ask(`markers ${day}`, () => this.#billing.settlementMarkers(day));
    }

    corrections(day: string): Promise<readonly CorrectionRecord[]> {
        return this.#ask(`corrections ${day}`, async () =>
            [...(await new Corrections(this.#calls).own(day))].sort((a, b) => a.number - b.number),
        );
    }

    unbilled(): Promise<Unbilled> {
        return this.#ask('unbilled', () => this.#billing.unbilled());
    }

    bill(period: Period): Promise<BillRecord | undefined> {
        return this.#ask(`bill ${period.from} ${period.to}`, () => this.#billing.bill(period));
    }

    pool(day: string): Promise<PoolRecord | undefined> {
        return this.#ask(`pool ${day}`, () => this.#billing.pool(day));
    }

    contracts(day: string): Promise<DayContracts> {
        return this.#ask(`contracts ${day}`, () => new Contracts(this.#calls).of(day));
    }

    feeder(day: string): Promise<FeederRecord | undefined> {
        return this.#ask(`feeder ${day}`, () => new Feeder(this.#calls).day(day));
    }

    /** Our share in the grid's losses of a day, by the public comparison with the feeder. */
    lossesOn(day: string): Promise<bigint> {
        return this.#ask(`losses ${day}`, async () => {
            const compared = await this.feeder(day);
            const isShared = compared?.payer === 'members';
            const shares = isShared
                ? plainLossShares(compared, sharersOf(await this.charter(), await this.settlementMarkers(day)))
                : undefined;
            return shares?.get(this.mspId) ?? 0n;
        });
    }

    schedule(day: string): Promise<ScheduleRecord | undefined> {
        return this.#ask(`schedule ${day}`, () => new Schedule(this.#calls).find(day));
    }

    /** What the household agreed to on a day ahead, Wh by slot: taken is positive. */
    scheduledWh(record: ScheduleRecord): Promise<readonly bigint[] | undefined> {
        return this.#ask(
            `scheduled ${record.day}`,
            async () => (await submissionOf(this.#members, this.#member, record))?.energiesWh,
        );
    }

    /** Whether the bill was paid from the household's account. */
    isPaid({ from, to }: Period): Promise<boolean> {
        return this.#ask(`paid ${from} ${to}`, async () => {
            const { payments } = await this.#calls.query('accounts:markers', { mspId: this.mspId });
            const payment = payments.find((each) => each.from === from && each.to === to && each.id === BILL);
            const isCollected = payment?.collected?.isWhole === true;
            return payment?.status === 'paid' || payment?.status === 'transferred' || isCollected;
        });
    }

    account(): Promise<AccountRecord | null> {
        return this.#ask('account', async () => (await this.#calls.query('accounts:own', {})).account);
    }

    /** How many blocks another member's peer has. @throws where it does not say */
    heightAt(mspId: string): Promise<number> {
        return this.#calls.gateway.height(mspId);
    }

    /** Anything that is made of these records and nothing else: made once for every height. */
    once<T>(key: string, make: () => Promise<T>): Promise<T> {
        return this.#ask(`made ${key}`, make);
    }

    get #calls(): MemberAccess['calls'] {
        return this.#member.calls;
    }

    get #billing(): Billing {
        return new Billing(this.#member.calls);
    }

    #ask<T>(key: string, load: () => Promise<T>, isFinal?: (value: T) => boolean): Promise<T> {
        return this.#kept.get(key, load, isFinal);
    }
}
