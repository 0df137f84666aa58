import { escrowStatement, nextAccount, rowOfEscrow, rowOfStatement } from '../../api/accounts';
import { accountKey, keyName, bankStatementKey, withdrawalKey } from '../../api/keys';
import type {
    AccountInputs,
    AccountRecord,
    Escrow,
    BankStatementKind,
    BankStatementRecord,
    WithdrawalRecord,
} from '../../api/records';
import { ownerStatement } from '../../api/statements';
import type { SubmitName } from '../../api/transactions';
import type { Use } from '../../domain/accounts/account';
import type { RefusalCode } from '../../domain/refusals';
import { DSO, ownerKey, type TestCommunity } from '../community';
import { testKey, testSalt, type TestKey } from '../identities';
import type { Simulated } from '../memory-network';
import type { Code } from '../world-state';

/** A bank of its own: neither the grid operator nor a member. */
export const BANK = 'BANKMSP';
export const BANK_KEY = testKey('bank');

/** From now on an organisation of its own keeps the members' money. */
export const withBank = (community: TestCommunity): Promise<Code> =>
    community.submit('community:assignRole', { role: 'bank', mspId: BANK, key: BANK_KEY.publicKey });

/** Signatures have a random part, and a record is opened by its hash: who says the same again means the same record. */
function signedOnce(signer: TestKey, message: Uint8Array): string {
    const name = `${signer.publicKey} ${Buffer.from(message).toString('base64')}`;
    const signature = signatures.get(name) ?? signer.sign(message);
    signatures.set(name, signature);
    return signature;
}

const signatures = new Map<string, string>();

export interface StatementShape {
    readonly mspId: string;
    readonly kind?: BankStatementKind;
    readonly reference?: string;
    readonly amountNanos?: bigint;
}

/** A statement signed by the bank. `change` is applied before signing. */
export function statement(
    { mspId, kind = 'deposit', reference = 'd1', amountNanos = 1_000n }: StatementShape,
    change: Partial<BankStatementRecord> = {},
    signer: TestKey = BANK_KEY,
): BankStatementRecord {
    const key = keyName(bankStatementKey(mspId, kind, reference));
    const unsigned = { key, version: 1, mspId, salt: testSalt(key), kind, reference, amountNanos, ...change };
    return { ...unsigned, signature: signedOnce(signer, ownerStatement(unsigned)) };
}

export function withdrawal(
    mspId: string,
    id: string,
    amountNanos: bigint,
    change: Partial<WithdrawalRecord> = {},
    signer: TestKey = ownerKey(mspId),
): WithdrawalRecord {
    const key = keyName(withdrawalKey(mspId, id));
    const unsigned = { key, version: 1, mspId, salt: testSalt(key), id, amountNanos, ...change };
    return { ...unsigned, signature: signedOnce(signer, ownerStatement(unsigned)) };
}

export function signedEscrow(row: Omit<Escrow, 'signature'>, signer: TestKey = ownerKey(row.buyer)): Escrow {
    return { ...row, signature: signer.sign(escrowStatement(row)) };
}

export interface Movement {
    readonly known?: AccountRecord | null;
    readonly statements?: readonly BankStatementRecord[];
    readonly escrows?: readonly Escrow[];
    readonly use?: Use;
    readonly signer?: TestKey;
}

/** The private inputs of a movement on a member's account, signed as it will be. */
export function inputsOf(
    mspId: string,
    { known = null, statements = [], escrows = [], use, signer = ownerKey(mspId) }: Movement,
): AccountInputs {
    const salt = testSalt(`${keyName(accountKey(mspId))} ${(known?.version ?? 0) + 1}`);
    const rows = [...statements.map(rowOfStatement), ...escrows.map(rowOfEscrow)];
    return {
        account: known,
        statements: [...statements],
        escrows: escrows.map(({ contract, buyer }) => ({ contract, buyer })),
        salt,
        signature: signatureOf(() => nextAccount({ mspId, known, rows, use, salt }), signer),
    };
}

/** What the rules refuse cannot be signed; who submits it all the same signs something. */
function signatureOf(next: () => object, signer: TestKey): string {
    try {
        return signer.sign(ownerStatement(next()));
    } catch {
        return signer.sign(Buffer.from('nothing'));
    }
}

/** One member's money in a test: what it does is endorsed by itself and the grid operator. */
export class TestAccount {
    readonly endorsers: readonly string[];

    constructor(
        readonly community: TestCommunity,
        readonly mspId: string,
    ) {
        this.endorsers = [mspId, DSO];
    }

    /** As the member's own collection has it. */
    async record(): Promise<AccountRecord | null> {
        return (await this.community.query('accounts:own', {}, { by: this.mspId })).account;
    }

    async deposit(amountNanos: bigint, reference = 'd1'): Promise<BankStatementRecord> {
        const { mspId } = this;
        const given = statement({ mspId, reference, amountNanos });
        const options = { by: BANK, endorsers: this.endorsers, transient: { statement: given } };
        await this.community.submit('accounts:deposit', { mspId, reference }, options);
        return given;
    }

    /** Something that the member does with its account as it stands now. */
    async endorse(
        name: SubmitName,
        args: Parameters<TestCommunity['submit']>[1],
        movement: Movement,
        more: Readonly<Record<string, unknown>> = {},
    ): Promise<Simulated> {
        const account = inputsOf(this.mspId, { known: await this.record(), ...movement });
        return this.community.endorse(name, args, { ...this.#options, transient: { account, ...more } });
    }

    async submit(
        name: SubmitName,
        args: Parameters<TestCommunity['submit']>[1],
        movement: Movement,
        more: Readonly<Record<string, unknown>> = {},
    ): Promise<AccountRecord> {
        const code = this.community.network.commit(
            await this.endorse(name, args, movement, more),
            this.#options.endorsers,
        );
        if (code !== 'VALID') {
            throw new Error(`${name} is ${code}`);
        }
        return (await this.record()) ?? Promise.reject(new Error('there is no account'));
    }

    async refusal(
        name: SubmitName,
        args: unknown,
        movement: Movement,
        more: Readonly<Record<string, unknown>> = {},
    ): Promise<RefusalCode> {
        const account = inputsOf(this.mspId, { known: await this.record(), ...movement });
        return this.community.refusal(name, args, { ...this.#options, transient: { account, ...more } });
    }

    /** Pays in and takes it in. */
    async fill(amountNanos: bigint, reference = 'd1'): Promise<AccountRecord> {
        const given = await this.deposit(amountNanos, reference);
        return this.submit('accounts:takeIn', {}, { statements: [given] });
    }

    get #options(): { by: string; endorsers: readonly string[] } {
        return { by: this.mspId, endorsers: this.endorsers };
    }
}
