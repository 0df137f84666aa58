import type { Charter, EpochRecord } from '@commonwatt/chaincode/api/records';
import type { RefusalCode } from '@commonwatt/chaincode/api/refusals';
import { isActiveOn } from '../../community/admission';
import { TransactionRefused } from '../../gateway/failures';
import { StakeAgent } from '../../household/stake-agent';
import { Billing } from '../../market/billing';
import { governors } from '../../market/endorsers';
import { Governance } from '../../market/governance';
import { Stake, StakeGovernance, type Participation } from '../../market/stake';
import type { Topic } from '../hearing/news';
import type { OwnMember } from '../own-member';
import { DID, DONE, waits, type Outcome, type Role } from './role';

type Part = Participation[number];

export interface ElectionDay {
    readonly own: OwnMember;
    /** The epoch: a local day of the market. */
    readonly day: string;
}

/** A household's part in the election after a day: it commits, opens its secret, and says who produced the blocks. */
export class VoterRole implements Role {
    readonly name = 'voter';
    readonly topics: readonly Topic[] = ['stake'];
    readonly #parts: ElectionDay;
    readonly #stake: Stake;
    readonly #agent: StakeAgent;

    constructor(parts: ElectionDay) {
        this.#parts = parts;
        const { own } = parts;
        const { calls, keys } = own.access;
        this.#stake = new Stake(calls);
        this.#agent = new StakeAgent({ home: own.organisation.id, operator: own.operator, calls, keys });
    }

    async step(): Promise<Outcome> {
        const { day } = this.#parts;
        const record = await this.#stake.epoch(day);
        if (record === undefined) {
            return waits('the election to begin');
        }
        const part = (await this.#stake.participation(day)).find(({ mspId }) => mspId === this.#agent.mspId);
        switch (record.status) {
            case 'committing':
                return this.#commit(record, part);
            case 'revealing':
                return this.#reveal(record, part);
            case 'closed':
                return this.#confirm(record, part);
        }
    }

    doubt(): void {
        // Everything is asked for each time.
    }

    async #commit(record: EpochRecord, part: Part | undefined): Promise<Outcome> {
        if ((part?.commitment ?? null) !== null && part?.tokens !== null) {
            return waits('the others to commit');
        }
        await this.#agent.enter(record, part);
        this.#note(record, 'committed');
        return waits('the others to commit');
    }

    async #reveal(record: EpochRecord, part: Part | undefined): Promise<Outcome> {
        if ((part?.secret ?? null) === null) {
            await this.#agent.reveal(record, part);
            this.#note(record, 'revealed');
        }
        return waits('the others to open their secrets');
    }

    async #confirm(record: EpochRecord, part: Part | undefined): Promise<Outcome> {
        if (part?.confirmed !== true && (await this.#stake.rewards(record.epoch)) === undefined) {
            const seenAt = (await this.#parts.own.access.calls.gateway.height()) - 1;
            await this.#agent.confirm(record.epoch, seenAt);
            this.#note(record, 'confirmed');
        }
        return DONE;
    }

    #note({ epoch }: EpochRecord, part: 'committed' | 'revealed' | 'confirmed'): void {
        this.#parts.own.store.journal.note({ kind: 'elected', once: `${epoch}/${part}`, facts: { epoch, part } });
    }
}

export interface ReturningDay extends ElectionDay {
    /** How long members are waited for in each part. */
    readonly patienceMs: number;
}

/** The grid operator's part in the election after a day: it opens the epoch and ends each part of it, once everybody is done or was waited for. */
export class ReturningRole implements Role {
    readonly name = 'election';
    readonly topics: readonly Topic[] = ['stake', 'days'];
    readonly #parts: ReturningDay;
    readonly #stake: Stake;
    #charter: Charter | undefined;
    #stage: { readonly name: string; readonly since: number } | undefined;

    constructor(parts: ReturningDay) {
        this.#parts = parts;
        this.#stake = new Stake(parts.own.access.calls);
    }

    async step(): Promise<Outcome> {
        const { own, day } = this.#parts;
        this.#charter ??= await new Governance(own.access.calls).charter();
        const record = await this.#stake.epoch(day);
        if (record === undefined) {
            return this.#open();
        }
        const parts = await this.#stake.participation(day);
        switch (record.status) {
            case 'committing':
                return this.#once('fixed', this.#isLacking(parts, isEntered), () => this.#governance().fixWeights(day));
            case 'revealing':
                return this.#once('closed', this.#isLacking(parts, hasRevealed), () =>
                    this.#governance().closeEpoch(day),
                );
            case 'closed':
                return this.#reward(record, parts);
        }
    }

    doubt(): void {
        // Everything is asked for each time.
    }

    /** Energy of a day counts once the day is closed. */
    async #open(): Promise<Outcome> {
        const { own, day } = this.#parts;
        const isClosed = await new Billing(own.access.calls).totals(day).then(
            ({ status }) => status === 'closed',
            () => false,
        );
        if (!isClosed) {
            return waits('the day to be closed');
        }
        await this.#governance().openEpoch(day);
        this.#note('opened');
        return DID;
    }

    async #reward(record: EpochRecord, parts: Participation): Promise<Outcome> {
        if ((await this.#stake.rewards(record.epoch)) !== undefined) {
            return DONE;
        }
        const lacking = this.#isLacking(parts, ({ confirmed }) => confirmed);
        const outcome = await this.#once('rewarded', lacking, async () => {
            await refusedAs(['INCOME_EXISTS', 'DAY_NOT_CLOSED'], this.#governance().collect(record.energyDay));
            const codes: readonly RefusalCode[] = ['CONFIRMATIONS_MISSING', 'CONFIRMATIONS_OPEN'];
            await refusedAs(codes, this.#governance().reward(record.epoch));
        });
        return outcome.how === 'did' ? DONE : outcome;
    }

    /** Does it, unless somebody is lacking who has not been waited for long enough. */
    async #once(
        part: 'fixed' | 'closed' | 'rewarded',
        lacking: readonly string[],
        work: () => Promise<unknown>,
    ): Promise<Outcome> {
        if (this.#stage?.name !== part) {
            this.#stage = { name: part, since: performance.now() };
        }
        const left = this.#parts.patienceMs - (performance.now() - this.#stage.since);
        if (lacking.length > 0 && left > 0) {
            return waits(`${lacking.join(', ')} to do their part of the election`, left);
        }
        await work();
        this.#note(part);
        return DID;
    }

    #isLacking(parts: Participation, isDone: (part: Part) => boolean): string[] {
        const done = new Set(parts.filter(isDone).map(({ mspId }) => mspId));
        return this.#members().filter((mspId) => !done.has(mspId));
    }

    #members(): string[] {
        const { members } = this.#charter ?? { members: {} };
        const charter = this.#charter;
        return Object.keys(members).filter((mspId) => charter && isActiveOn(charter, mspId, this.#parts.day));
    }

    #governance(): StakeGovernance {
        const { own } = this.#parts;
        return new StakeGovernance(own.access.calls, governors(own.operator, this.#members()));
    }

    #note(part: 'opened' | 'fixed' | 'closed' | 'rewarded'): void {
        const { own, day } = this.#parts;
        own.store.journal.note({ kind: 'epoch', once: `${day}/${part}`, facts: { epoch: day, part } });
    }
}

const isEntered = ({ commitment, tokens }: Part): boolean => commitment !== null && tokens !== null;
const hasRevealed = ({ commitment, secret }: Part): boolean => commitment === null || secret !== null;

/** One of these refusals is an answer, too. */
async function refusedAs(codes: readonly RefusalCode[], action: Promise<unknown>): Promise<void> {
    try {
        await action;
    } catch (error) {
        if (!(error instanceof TransactionRefused && codes.includes(error.refusal.code))) {
            throw error;
        }
    }
}
