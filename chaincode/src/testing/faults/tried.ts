import { encode } from '../../api/wire';
import { TRANSACTIONS, type TransactionName } from '../../api/transactions';
import { parseRefusal, type RefusalCode } from '../../domain/refusals';
import { DSO, NOW, type TestCommunity } from '../community';
import type { Proposal } from '../model/actions';

/** Something that is accepted, with the state of the channel that it is accepted on. */
export interface Accepted {
    readonly name: TransactionName;
    readonly community: TestCommunity;
    readonly args: Readonly<Record<string, unknown>>;
    readonly transient: Readonly<Record<string, unknown>>;
    readonly by: string;
    readonly endorsers: readonly string[];
    readonly time: number;
}

/** Does what is proposed, and keeps how it was and what was asked. */
export class Recorder {
    readonly accepted = new Map<string, Accepted>();

    constructor(readonly community: TestCommunity) {}

    /** A draft that leads to it is another thing that is accepted: without the signatures that follow from it. */
    async submit(given: Proposal & { readonly time?: number; readonly draft?: TransactionName }): Promise<void> {
        const { name, args, by, endorsers, transient = {}, time = NOW, draft } = given;
        const before = this.community.forked();
        const kept = { community: before, args: args as Accepted['args'], by, endorsers, time };
        if (!this.accepted.has(name)) {
            this.accepted.set(name, { name, transient, ...kept });
        }
        if (draft !== undefined && !this.accepted.has(draft)) {
            const { signature, markerSignature, ...inputs } = transient;
            const isSigned = signature !== undefined || markerSignature !== undefined;
            const transientOfDraft = isSigned ? inputs : transient;
            this.accepted.set(draft, { name: draft, ...kept, transient: transientOfDraft, endorsers: [by] });
        }
        await this.community.submit(name, args as never, { by, endorsers, transient, time });
    }
}

export type Outcome = RefusalCode | 'accepted';

/** What comes of it now; nothing of it is committed. Anything but an answer is thrown, and so is a refusal after a write. */
export async function tried({ name, community, args, transient, by, endorsers, time }: Accepted): Promise<Outcome> {
    const request = { by, endorsers, transient, time };
    try {
        await community.network.endorse(name, [encode(args)], request);
        return 'accepted';
    } catch (error) {
        const refusal = error instanceof Error ? parseRefusal(error.message) : undefined;
        if (refusal === undefined) {
            throw error;
        }
        const listed: readonly RefusalCode[] = TRANSACTIONS[name].refusals;
        if (!listed.includes(refusal.code) || community.network.hasWritten) {
            const what = `${name} was refused with ${refusal.code}, which it does not list, or after it had written`;
            throw new Error(what, { cause: error });
        }
        return refusal.code;
    }
}

export const EVERYBODY = (community: TestCommunity): string[] => [DSO, ...community.households];
