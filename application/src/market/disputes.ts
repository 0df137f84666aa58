import { keyName, statementKey } from '@commonwatt/chaincode/api/keys';
import type { Disputed, DisputeMarker, DisputeRecord } from '@commonwatt/chaincode/api/records';
import { ownerStatement } from '@commonwatt/chaincode/api/statements';
import type { Endorsers } from '../gateway/member-gateway';
import type { OwnerKeys } from '../household/keys';
import type { TypedCalls } from './typed-calls';

/** What somebody says in a dispute: the text is private, the hashes of an opening's evidence are public. */
export interface Said {
    readonly mspId: string;
    readonly id: string;
    readonly text: string;
    /** SHA-256 of each piece, in hex. */
    readonly evidence: readonly string[];
}

/** Disputes over a member's private records, as the member or the grid operator takes part in them. */
export class Disputes {
    readonly #calls: TypedCalls;
    readonly #keys: OwnerKeys;

    constructor(calls: TypedCalls, keys: OwnerKeys) {
        this.#calls = calls;
        this.#keys = keys;
    }

    /** Of one member: who contests what, and how it stands. Public. */
    list(mspId: string): Promise<DisputeMarker[]> {
        return this.#calls.query('disputes:list', { mspId });
    }

    /** What was said, earliest first: for the member and the grid operator. */
    statements(mspId: string, id: string): Promise<DisputeRecord[]> {
        return this.#calls.query('disputes:own', { mspId, id });
    }

    /** By the member. */
    async open(said: Said, about: Disputed, operator: string): Promise<void> {
        const { mspId, id } = said;
        const statement = await this.#statement(said, 'member', 1);
        const argument = { mspId, id, about, evidence: statement.evidence };
        await this.#calls.submit('disputes:open', argument, [mspId, operator], { statement });
    }

    /** By the grid operator; `version` counts the statements of the dispute. */
    async answer(said: Said, version: number): Promise<void> {
        const { mspId, id } = said;
        const statement = await this.#statement(said, 'operator', version);
        const argument = { mspId, id, evidence: statement.evidence };
        await this.#calls.submit('disputes:answer', argument, [mspId, this.#calls.mspId], { statement });
    }

    /** By the grid operator: with the member, or with a quorum of the committee. */
    async resolve(mspId: string, id: string, upheld: boolean, endorsers: Endorsers): Promise<void> {
        await this.#calls.submit('disputes:resolve', { mspId, id, upheld }, endorsers);
    }

    /** By the member. */
    async withdraw(id: string, operator: string): Promise<void> {
        const { mspId } = this.#calls;
        await this.#calls.submit('disputes:withdraw', { mspId, id }, [mspId, operator]);
    }

    async #statement(said: Said, by: DisputeRecord['by'], version: number): Promise<DisputeRecord> {
        const { mspId, id, text } = said;
        const key = keyName(statementKey(mspId, id, version));
        const salt = this.#keys.saltFor(key, version);
        const unsigned = { key, version, mspId, salt, id, by, text, evidence: [...said.evidence] };
        return { ...unsigned, signature: await this.#keys.sign(ownerStatement(unsigned)) };
    }
}
