import type { ArgsOf } from '@commonwatt/chaincode/api/transactions';
import type {
    Application,
    Charter,
    DayAheadTermsRecord,
    Member,
    Role,
    StorageTermsRecord,
    Terms,
} from '@commonwatt/chaincode/api/records';
import type { RefusalCode } from '@commonwatt/chaincode/api/refusals';
import { TransactionRefused } from '../gateway/failures';
import type { Endorsers } from '../gateway/member-gateway';
import type { TypedCalls } from './typed-calls';

/** A governed transaction is endorsed by the grid operator and a majority of the households: the caller says which. */
export class Community {
    readonly #calls: TypedCalls;
    readonly #endorsers: Endorsers;

    constructor(calls: TypedCalls, endorsers: Endorsers) {
        this.#calls = calls;
        this.#endorsers = endorsers;
    }

    async establish(founding: ArgsOf<'community:establish'>): Promise<void> {
        await this.#calls.submit('community:establish', founding, this.#endorsers);
    }

    /** All or none. The private applications go to the endorsers; the channel keeps their hashes. */
    async admit(
        applications: ArgsOf<'community:admit'>['applications'],
        personal: readonly Application[],
    ): Promise<void> {
        const transient = { applications: [...personal] };
        await this.#calls.submit('community:admit', { applications }, this.#endorsers, transient);
    }

    async leave(change: ArgsOf<'community:leave'>): Promise<void> {
        await this.#calls.submit('community:leave', change, this.#endorsers);
    }

    async assignRole(role: Role, mspId: string): Promise<void> {
        await this.#calls.submit('community:assignRole', { role, mspId }, this.#endorsers);
    }

    async scheduleTerms(terms: Terms): Promise<void> {
        await this.#calls.submit('tariffs:schedule', terms, this.#endorsers);
    }

    async scheduleStorage(terms: StorageTermsRecord): Promise<void> {
        await this.#calls.submit('storage:schedule', terms, this.#endorsers);
    }

    /** How days are run from one on: by auction, or agreed on ahead. */
    async scheduleDayAhead(terms: DayAheadTermsRecord): Promise<void> {
        await this.#calls.submit('dayAhead:schedule', terms, this.#endorsers);
    }

    async appointCommittee(committee: ArgsOf<'committee:appoint'>): Promise<void> {
        await this.#calls.submit('committee:appoint', committee, this.#endorsers);
    }
}

/** What governance says, as the own peer has it. */
export class Governance {
    readonly #calls: TypedCalls;

    constructor(calls: TypedCalls) {
        this.#calls = calls;
    }

    /** Undefined where the community is not established. */
    async charter(): Promise<Charter | undefined> {
        try {
            return await this.#calls.query('charter:document', {});
        } catch (error) {
            unlessRefused('NOT_ESTABLISHED', error);
            return undefined;
        }
    }

    members(): Promise<readonly Member[]> {
        return this.#calls.query('community:list', {});
    }
}

/** Lets one expected refusal pass, which means "there is none"; everything else goes on. */
export function unlessRefused(code: RefusalCode, error: unknown): void {
    if (!(error instanceof TransactionRefused && error.refusal.code === code)) {
        throw error;
    }
}
