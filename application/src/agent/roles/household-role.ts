import type { Charter, SettlementRecord, Totals } from '@commonwatt/chaincode/api/records';
import { storageOn } from '@commonwatt/chaincode/domain/storage/terms';
import { plainImbalance } from '../../audit/plain-schedule';
import { isActiveOn } from '../../community/admission';
import { ownScheduledDay } from '../../community/day-ahead';
import type { OwnScheduledDay } from '../../day-ahead/own-schedule';
import { termsOn } from '../../day/trading-day';
import type { HouseholdAgent } from '../../household/agent';
import type { KeptOrders } from '../../household/kept-orders';
import { Auction } from '../../market/auction';
import { Billing } from '../../market/billing';
import { Contracts } from '../../market/contracts';
import { Feeder } from '../../market/feeder';
import { Governance } from '../../market/governance';
import type { ForecastKind } from '../../schedule/forecast/kinds';
import { energyOf } from '../../storage/contract-energy';
import { AheadOfDay } from './ahead-of-day';
import type { DayRounds } from '../hearing/day-rounds';
import { householdAgentOf, keptOrders, planOf, preferencesOf } from './household-parts';
import { HouseholdNotes } from './household-notes';
import type { BatteryPlan } from '../battery-plan';
import type { HomeDay, MeterFeed } from '../meter-feed';
import type { Topic } from '../hearing/news';
import { nextOfHousehold, type HouseholdFacts, type HouseholdStep } from '../next/household-next';
import type { OwnMember } from '../own-member';
import { OwnRounds } from './own-rounds';
import { DID, DONE, waits, type Outcome, type Role } from './role';

type TradeFact = 'toOrder' | 'toReveal' | 'toHelp' | 'unfinished' | 'toRead' | 'isRead';

export interface HouseholdDay {
    readonly own: OwnMember;
    readonly day: string;
    readonly feed: MeterFeed;
    readonly rounds: DayRounds;
    /** Rounds come one after the other as on a day, and not all at once. */
    readonly isPaced: boolean;
    /** By which a home expects that has stated no other. */
    readonly forecast: ForecastKind;
}

/** A household's day, from its orders to its bill. Knows of the ledger what its own peer says, and keeps in memory only what can be looked up again. */
export class HouseholdRole implements Role {
    readonly name = 'household';
    readonly topics: readonly Topic[] = ['days', 'rounds', 'schedule', 'reveals'];
    readonly #parts: HouseholdDay;
    readonly #auction: Auction;
    readonly #billing: Billing;
    readonly #kept: KeptOrders;
    readonly #notes: HouseholdNotes;
    readonly #ahead: AheadOfDay;
    #charter: Charter | undefined;
    #homeDay: HomeDay | undefined;
    #agent: HouseholdAgent | undefined;
    #own: OwnRounds | undefined;
    #readTo = -1;
    #settlement: SettlementRecord | undefined;
    #isReleased = false;
    #isBilled = false;
    #scheduled: OwnScheduledDay | undefined;
    /** Of the batteries, made once for the day: orders and meter go by the same. */
    #plan: BatteryPlan | undefined;
    #poolVersion: number | undefined;

    constructor(parts: HouseholdDay) {
        this.#parts = parts;
        const { calls } = parts.own.access;
        this.#auction = new Auction(calls);
        this.#billing = new Billing(calls);
        this.#kept = keptOrders(parts.own, parts.day);
        this.#ahead = new AheadOfDay(parts.own, parts.day);
        this.#notes = new HouseholdNotes(parts.own.store.journal, parts.day);
    }

    async step(): Promise<Outcome> {
        const next = nextOfHousehold(await this.#facts());
        if (next === 'done') {
            return DONE;
        }
        if ('wait' in next) {
            return waits(next.wait, this.#readTo < 0 || this.#parts.isPaced ? this.#own?.helpWithinMs : undefined);
        }
        await this.#do(next.do);
        return DID;
    }

    doubt(): void {
        this.#parts.rounds.doubt();
    }

    async #facts(): Promise<HouseholdFacts> {
        const { own, day } = this.#parts;
        const facts: HouseholdFacts = {
            isOpen: false,
            isMember: true,
            ahead: 'none',
            toOrder: 0,
            toReveal: 0,
            toHelp: 0,
            unfinished: 0,
            toRead: 0,
            isRead: false,
            isPoolStated: true,
            isSettled: false,
            isClosed: false,
            isCompared: true,
            isReleased: this.#isReleased,
            isBilled: this.#isBilled,
        };
        if (this.#charter === undefined && (await this.#auction.day(day)) === undefined) {
            return facts;
        }
        this.#charter ??= await new Governance(own.access.calls).charter();
        if (this.#charter === undefined || !isActiveOn(this.#charter, own.access.calls.mspId, day)) {
            return { ...facts, isOpen: true, isMember: false };
        }
        const ahead = await this.#ahead.standing(this.#charter);
        if (ahead === 'pending') {
            return { ...facts, isOpen: true, ahead };
        }
        const trade = ahead === 'agreed' ? await this.#scheduledFacts() : await this.#tradeFacts();
        const settled = trade.isRead ? await this.#settledFacts() : {};
        return { ...facts, isOpen: true, ahead, ...trade, ...settled };
    }

    /** Nothing is ordered, and all is read at once. */
    async #scheduledFacts(): Promise<Pick<HouseholdFacts, 'isRead' | 'isPoolStated'>> {
        const last = (await this.#parts.rounds.records()).at(-1)?.slot ?? 0;
        const pool = await this.#billing.pool(this.#parts.day);
        if (pool !== undefined) {
            this.#scheduled?.settledAt(plainImbalance(pool.sides, pool));
        }
        if (pool !== undefined && this.#settlement?.pool !== pool.version) {
            this.#settlement = undefined; // Under an earlier statement nobody's settlement counts.
        }
        this.#poolVersion = pool?.version;
        return { isRead: this.#readTo >= last, isPoolStated: pool !== undefined };
    }

    async #tradeFacts(): Promise<Pick<HouseholdFacts, TradeFact>> {
        const { rounds } = this.#parts;
        const [open, closed] = [await rounds.slots('open'), await rounds.slots('closed')];
        const final = await rounds.slots('final');
        const unfinished = open.length + closed.length;
        const lastFinal = unfinished === 0 ? (final.at(-1) ?? -1) : this.#lastInOrder(final, [...open, ...closed]);
        return {
            toOrder: (await this.#rounds().toOrder(open)).length,
            toReveal: (await this.#rounds().toReveal(open, closed)).length,
            toHelp: (await this.#rounds().toHelp(closed)).length,
            unfinished,
            toRead: this.#parts.isPaced && lastFinal > this.#readTo ? 1 : 0,
            isRead: unfinished === 0 && this.#readTo >= (final.at(-1) ?? 0),
        };
    }

    /** The last slot of those before the first that has no result yet. */
    #lastInOrder(final: readonly number[], unfinished: readonly number[]): number {
        const first = Math.min(...unfinished);
        return final.filter((slot) => slot < first).at(-1) ?? -1;
    }

    async #help(): Promise<void> {
        const agent = await this.#acting(() => true);
        const { helping } = this.#rounds();
        for (const { round, seat } of helping) {
            await agent.reveal([round], seat);
        }
        this.#notes.opened(helping.map(({ round }) => round.slot));
    }

    async #settledFacts(): Promise<Partial<HouseholdFacts>> {
        this.#settlement ??= await this.#billing.settlement(this.#parts.day);
        if (this.#settlement === undefined || this.#settlement.pool !== this.#poolVersion) {
            return { isSettled: false };
        }
        const totals = await this.#billing.totals(this.#parts.day);
        const isClosed = totals.status === 'closed';
        return { isSettled: true, isClosed, isCompared: !isClosed || (await this.#isCompared(totals)) };
    }

    /** Sums of too few are not published, and nothing is compared with them. */
    async #isCompared({ day, sums }: Totals): Promise<boolean> {
        const { losses } = termsOn(this.#known(), day);
        const isDue = losses !== undefined && sums !== undefined && sums.slots.length > 0;
        return !isDue || (await new Feeder(this.#parts.own.access.calls).day(day)) !== undefined;
    }

    #do(step: HouseholdStep): Promise<void> {
        const steps: Readonly<Record<HouseholdStep, () => Promise<void>>> = {
            agreeAhead: () => this.#agreeAhead(),
            order: () => this.#order(),
            reveal: () => this.#reveal(),
            help: () => this.#help(),
            read: () => this.#read(),
            settle: () => this.#settle(),
            release: () => this.#release(),
            bill: () => this.#bill(),
        };
        return steps[step]();
    }

    async #agreeAhead(): Promise<void> {
        const charter = this.#known();
        const { forecast } = await this.#dayOfHome();
        const outcome = await this.#ahead.agree(charter, forecast);
        this.#notes.scheduled(outcome.record.status);
        if (outcome.record.status === 'converged') {
            const { own } = this.#parts;
            this.#scheduled = await ownScheduledDay(own.members, own.access.calls.mspId, outcome, () => forecast);
        }
    }

    async #order(): Promise<void> {
        const slots = await this.#rounds().toOrder(await this.#parts.rounds.slots('open'));
        const agent = await this.#acting(() => true);
        const isCovered = await agent.cover();
        this.#notes.covered(isCovered, this.#known().rules.coverRequired === true);
        const refused = await agent.order(slots);
        this.#rounds().noteOrdered(slots);
        this.#notes.ordered(slots, this.#kept, (slot) => this.#expected(slot), refused);
    }

    async #reveal(): Promise<void> {
        const slots = new Set(await this.#rounds().toReveal([], await this.#parts.rounds.slots('closed')));
        // Records may be older than what was announced: those that are not closed in them are looked at again.
        const rounds = (await this.#parts.rounds.records()).filter(
            ({ slot, status }) => slots.has(slot) && status === 'closed',
        );
        const revealed = await (await this.#acting(() => true)).reveal(rounds);
        if (revealed.length < rounds.length) {
            throw new Error(`${rounds.length - revealed.length} orders that we have made are not on our disk`);
        }
        if (revealed.length > 0) {
            this.#notes.opened(revealed);
        }
    }

    /** With a pace the slots that are over, else the day. */
    async #read(): Promise<void> {
        const { rounds } = this.#parts;
        const unfinished = [...(await rounds.slots('open')), ...(await rounds.slots('closed'))];
        const final = await rounds.slots('final');
        const isAll = unfinished.length === 0 || this.#scheduled !== undefined;
        const last = (await rounds.records()).at(-1)?.slot ?? 0;
        const to = isAll ? last : this.#lastInOrder(final, unfinished);
        const agent = await this.#acting((status) => status === 'confirmed');
        await agent.recordReadings(isAll ? undefined : to);
        this.#notes.read(agent.registers, this.#homeDay?.firstSlot ?? 0, this.#readTo, to);
        this.#notes.traded(agent.closedOrders(await rounds.records()), await rounds.records());
        this.#readTo = to;
    }

    async #settle(): Promise<void> {
        const rounds = await this.#parts.rounds.records();
        const agent = await this.#acting((status) => status === 'confirmed');
        await agent.recall(rounds);
        this.#settlement = await agent.settle(rounds, termsOn(this.#known(), this.#parts.day));
        this.#notes.settled();
    }

    async #release(): Promise<void> {
        if (this.#settlement !== undefined) {
            await (await this.#acting((status) => status === 'confirmed')).release(this.#settlement);
        }
        this.#isReleased = true;
    }

    async #bill(): Promise<void> {
        const rounds = await this.#parts.rounds.records();
        const terms = termsOn(this.#known(), this.#parts.day);
        const agent = await this.#acting((status) => status === 'confirmed');
        if (this.#settlement !== undefined) {
            await agent.recall(rounds);
            const { bill, paid } = await agent.bill(rounds, terms, this.#settlement);
            this.#notes.billed(bill, paid, agent.ownResult(rounds, terms, this.#settlement));
        }
        this.#isBilled = true;
    }

    /** Our agent, told of contracts with storage as they stand: which of them count depends on what it is about to do. */
    async #acting(counts: Parameters<typeof energyOf>[2]): Promise<HouseholdAgent> {
        const { own, day } = this.#parts;
        const charter = this.#known();
        const preferences = preferencesOf(own, day, this.#parts.forecast);
        const home = await this.#dayOfHome();
        this.#plan ??= this.#scheduled === undefined ? planOf(own, home, preferences) : [];
        const parts = { charter, day: home, kept: this.#kept, preferences, plan: this.#plan };
        this.#agent ??= householdAgentOf(own, parts);
        if (this.#scheduled !== undefined) {
            this.#agent.scheduled(this.#scheduled);
        }
        const storage = storageOn(charter.storage, day);
        if (storage !== undefined) {
            const { mspId } = own.access.calls;
            const contracts = await new Contracts(own.access.calls).of(day);
            this.#agent.contracted(energyOf(mspId, contracts, counts), mspId === storage.mspId);
        }
        return this.#agent;
    }

    #rounds(): OwnRounds {
        const { own, rounds, isPaced } = this.#parts;
        this.#own ??= new OwnRounds({ own, rounds, isPaced, kept: this.#kept, charter: this.#known() });
        return this.#own;
    }

    async #dayOfHome(): Promise<HomeDay> {
        const { own, day, feed } = this.#parts;
        const { forecast } = preferencesOf(own, day, this.#parts.forecast);
        this.#homeDay ??= await feed.day(day, forecast, this.#known().clock);
        if (this.#homeDay === undefined) {
            throw new Error(`the meter of ${own.organisation.id} has nothing of ${day}`);
        }
        return this.#homeDay;
    }

    #expected(slot: number): { readonly expectedWh: bigint; readonly batteryWh: bigint } {
        const index = slot - (this.#homeDay?.firstSlot ?? 0);
        return { expectedWh: this.#homeDay?.expectedWh[index] ?? 0n, batteryWh: this.#plan?.[index] ?? 0n };
    }

    #known(): Charter {
        if (this.#charter === undefined) {
            throw new Error('the community is not known yet');
        }
        return this.#charter;
    }
}
