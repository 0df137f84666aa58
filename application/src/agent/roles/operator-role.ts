import type { Charter, PoolRecord } from '@commonwatt/chaincode/api/records';
import { isActiveOn } from '../../community/admission';
import { decideDayAhead } from '../../community/day-ahead-terms';
import { FeederAgent } from '../../day/feeder-agent';
import { passedMeters, simulatedFeeder } from '../../day/feeder-meter';
import { GridOperatorAgent } from '../../day/grid-operator';
import { termsOn } from '../../day/trading-day';
import { reportSilent } from '../../day/silent-agents';
import { reportUnrevealed, unrevealedOrders } from '../../day/unrevealed-orders';
import { NotDone } from '../../gateway/failures';
import { billEvery } from '../../household/period-bills';
import { Billing } from '../../market/billing';
import { governors } from '../../market/endorsers';
import { Feeder } from '../../market/feeder';
import { Metering } from '../../market/metering';
import { Governance } from '../../market/governance';
import { Schedule } from '../../market/schedule';
import { StakeGovernance } from '../../market/stake';
import { AheadOfDay } from './ahead-of-day';
import type { DayRounds } from '../hearing/day-rounds';
import type { Topic } from '../hearing/news';
import { nextOfOperator, type OperatorFacts, type OperatorStep } from '../next/operator-next';
import type { OwnMember } from '../own-member';
import { DID, DONE, waits, type Outcome, type Role } from './role';

export interface OperatorDay {
    readonly own: OwnMember;
    readonly day: string;
    readonly rounds: DayRounds;
    /** It opens the day where nobody has, as a replay. */
    readonly opens: boolean;
    /** How the day is to be run, where it is not as the community has decided before. */
    readonly mode: 'schedule' | 'auction' | undefined;
    /** Told once the day is open, so that it can be found again. */
    readonly opened: () => void;
}

const NOT_OPEN: OperatorFacts = {
    isOpen: false,
    opens: false,
    ahead: 'none',
    unfinished: 0,
    unread: [],
    isPoolStated: true,
    unsettled: [],
    isClosed: false,
    isCompared: false,
    isReported: false,
    unbilled: [],
    isPublished: false,
};

/** The grid operator's part in a day: opens it, closes it, compares it with the feeder's meter, publishes what the bills come to. */
export class OperatorRole implements Role {
    readonly name = 'operator';
    readonly topics: readonly Topic[] = ['days', 'rounds', 'settlements', 'bills', 'schedule', 'readings'];
    readonly #parts: OperatorDay;
    readonly #billing: Billing;
    readonly #ahead: AheadOfDay;
    #charter: Charter | undefined;
    #isOpen = false;
    #isCompared = false;
    #isReported = false;
    #isPublished = false;
    #pool: PoolRecord | undefined;

    constructor(parts: OperatorDay) {
        this.#parts = parts;
        this.#billing = new Billing(parts.own.access.calls);
        this.#ahead = new AheadOfDay(parts.own, parts.day);
    }

    async step(): Promise<Outcome> {
        const next = nextOfOperator(await this.#facts());
        if (next === 'done') {
            return DONE;
        }
        if ('wait' in next) {
            return waits(next.wait);
        }
        await this.#do(next.do);
        return DID;
    }

    doubt(): void {
        this.#parts.rounds.doubt();
    }

    async #facts(): Promise<OperatorFacts> {
        const { day, rounds, opens, own } = this.#parts;
        this.#charter ??= await new Governance(own.access.calls).charter();
        if (this.#charter === undefined) {
            return NOT_OPEN;
        }
        this.#isOpen ||= (await this.#agent().findDay(day)) !== undefined;
        if (!this.#isOpen) {
            return { ...NOT_OPEN, opens };
        }
        const ahead = await this.#ahead.standing(this.#charter);
        if (ahead === 'pending') {
            return { ...NOT_OPEN, isOpen: true, ahead };
        }
        if (ahead === 'agreed') {
            return { ...NOT_OPEN, isOpen: true, ahead, ...(await this.#scheduledFacts()) };
        }
        const unfinished = (await rounds.slots('open')).length + (await rounds.slots('closed')).length;
        const facts = { ...NOT_OPEN, isOpen: true, unfinished };
        return unfinished > 0 ? facts : { ...facts, ...(await this.#settledFacts()) };
    }

    /** Stated once all readings are there, and again where some have settled under another statement. */
    async #scheduledFacts(): Promise<Partial<OperatorFacts>> {
        const settled = await this.#settledFacts();
        if (settled.isClosed === true) {
            return settled;
        }
        const { day, own, rounds } = this.#parts;
        const slots = (await rounds.records()).length;
        const metering = new Metering(own.access.calls);
        const unread: string[] = [];
        for (const mspId of this.#members()) {
            const read = await metering.markers(day, mspId);
            unread.push(...(read.length < slots ? [mspId] : []));
        }
        return { ...settled, unread, isPoolStated: unread.length === 0 && this.#pool !== undefined };
    }

    async #settledFacts(): Promise<Partial<OperatorFacts>> {
        const { day } = this.#parts;
        const isClosed = (await this.#billing.totals(day)).status === 'closed';
        if (!isClosed) {
            const markers = await this.#billing.settlementMarkers(day);
            const settled = new Set(
                markers.filter(({ pool }) => pool === this.#pool?.version).map(({ mspId }) => mspId),
            );
            return { unsettled: this.#members().filter((mspId) => !settled.has(mspId)) };
        }
        return {
            isClosed,
            isCompared: this.#isCompared,
            isReported: this.#isReported,
            unbilled: this.#isReported ? await this.#unbilled() : [],
            isPublished: this.#isPublished,
        };
    }

    /** Whose bill of the day is missing, where bills are of days; longer periods are published by who bills them. */
    async #unbilled(): Promise<string[]> {
        const { day } = this.#parts;
        if (billEvery(this.#known())(day) !== 'day') {
            return [];
        }
        const missing: string[] = [];
        for (const mspId of this.#members()) {
            const { bills } = await this.#billing.unbilled(mspId);
            missing.push(...(bills.some(({ to }) => to === day) ? [] : [mspId]));
        }
        return missing;
    }

    #do(step: OperatorStep): Promise<void> {
        const steps: Readonly<Record<OperatorStep, () => Promise<void>>> = {
            open: () => this.#open(),
            agreeAhead: () => this.#agreeAhead(),
            statePool: () => this.#statePool(),
            close: () => this.#close(),
            compare: () => this.#compare(),
            report: () => this.#report(),
            publish: () => this.#publish(),
        };
        return steps[step]();
    }

    /** With any household that answers. */
    async #open(): Promise<void> {
        const { day, opened } = this.#parts;
        await this.#decide();
        let failure: Error = new Error(`nobody is a member on ${day}`);
        for (const household of this.#members()) {
            try {
                await this.#agent().openDay(day, true, household);
                opened();
                this.#note('dayOpened');
                return;
            } catch (error) {
                if (!(error instanceof NotDone)) {
                    throw error;
                }
                failure = error;
            }
        }
        throw failure;
    }

    async #decide(): Promise<void> {
        const { mode, own, day } = this.#parts;
        if (mode !== undefined) {
            const by = governors(own.operator, this.#members());
            const wanted = mode === 'auction' ? mode : (own.topology.dayAhead?.mode ?? mode);
            this.#charter = await decideDayAhead(own.members, this.#known(), day, wanted, by);
        }
    }

    async #agreeAhead(): Promise<void> {
        const { record } = await this.#ahead.agree(this.#known());
        const facts = { day: record.day, status: record.status };
        this.#parts.own.store.journal.note({ kind: 'scheduled', once: record.day, facts });
    }

    async #statePool(): Promise<void> {
        const { day, rounds } = this.#parts;
        const record = this.#ahead.outcome?.record;
        if (record !== undefined) {
            this.#pool = await this.#agent().statePool(day, await rounds.records(), record, this.#members());
        }
    }

    async #close(): Promise<void> {
        const { day, rounds } = this.#parts;
        const agreed = this.#ahead.outcome?.record.agreed;
        const scheduled = agreed && this.#pool && { agreed, pool: this.#pool };
        await this.#agent().closeDay(day, await rounds.records(), this.#members(), scheduled);
        this.#note('dayClosed');
    }

    /** The feeder's meter of a replay is simulated. Sums of too few are not published, and nothing is compared with them. */
    async #compare(): Promise<void> {
        const { day, own } = this.#parts;
        const { losses } = termsOn(this.#known(), day);
        const { sums } = await this.#billing.totals(day);
        const isDue = losses !== undefined && sums !== undefined && sums.slots.length > 0;
        if (isDue && (await new Feeder(own.access.calls).day(day)) === undefined) {
            const found = await Promise.all(this.#members().map((mspId) => this.#billing.settlement(day, mspId)));
            const settled = found.filter((each) => each !== undefined);
            const readings = simulatedFeeder(passedMeters(sums.slots, [], new Map()), losses);
            const result = await new FeederAgent(own.access.calls, own.access.keys).compare(day, readings, settled);
            const facts = { day, fits: result?.record.fits ?? false };
            own.store.journal.note({ kind: 'feederCompared', once: day, facts });
        }
        this.#isCompared = true;
    }

    /** Who did not open what it had ordered forfeits a deposit, and who did not answer in a run that has ended. */
    async #report(): Promise<void> {
        const { own, rounds, day } = this.#parts;
        const orders = unrevealedOrders(await rounds.records());
        const governance = new StakeGovernance(own.access.calls, governors(own.operator, this.#members()));
        if (orders.length > 0) {
            await reportUnrevealed(governance, orders);
        }
        const record = await new Schedule(own.access.calls).find(day);
        if (record !== undefined) {
            await reportSilent(governance, record);
        }
        this.#isReported = true;
    }

    async #publish(): Promise<void> {
        const { day, rounds } = this.#parts;
        await this.#agent().publishBills(day, await rounds.records(), this.#members());
        this.#isPublished = true;
        this.#note('billsPublished');
    }

    #note(kind: 'dayOpened' | 'dayClosed' | 'billsPublished'): void {
        const { day, own } = this.#parts;
        own.store.journal.note({ kind, once: day, facts: { day } });
    }

    #agent(): GridOperatorAgent {
        return new GridOperatorAgent(this.#parts.own.access.calls, this.#known());
    }

    #members(): string[] {
        const charter = this.#known();
        return Object.keys(charter.members).filter((mspId) => isActiveOn(charter, mspId, this.#parts.day));
    }

    #known(): Charter {
        if (this.#charter === undefined) {
            throw new Error('the community is not known yet');
        }
        return this.#charter;
    }
}
