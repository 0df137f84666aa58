import type { Checkpoint, Counts } from '../read-model/rows';
import type { Rebuilt } from '../read-model/rebuild';

export interface ReadModelStatus extends Counts, Partial<Checkpoint> {
    readonly digest?: string;
    /** Of the network in the same place: up or down. */
    readonly network: string;
}

export function statusText(said: ReadModelStatus): string {
    if (said.block === undefined) {
        return 'The read model is empty.';
    }
    return [
        `Channel ${said.channel ?? ''}, up to block ${said.block} (${said.hash ?? ''})`,
        `${said.blocks} blocks, ${said.transactions} transactions, ${said.invalid} of them without effect`,
        ...(said.unreadable === 0
            ? []
            : [`${said.unreadable} records are not what their keys say, and are left out of pages`]),
        ...(said.digest === undefined ? [] : [`Digest ${said.digest}`]),
        `The network is ${said.network}.`,
    ].join('\n');
}

export function followedText(at: Checkpoint | undefined): string {
    return at === undefined ? 'The read model is empty.' : `The read model is at block ${at.block} (${at.hash}).`;
}

export function rebuiltText({ before, again, isSame, after }: Rebuilt): string {
    const now = `Rebuilt from block 0 to block ${after.block}: digest ${after.digest}`;
    if (before === undefined || again === undefined) {
        return `${now}\nThere was nothing to compare it with.`;
    }
    const compared = isSame
        ? `At block ${before.block} it is the same as before, byte for byte.`
        : `At block ${before.block} it is not what was there: ${before.digest} before, ${again.digest} now. What was there is replaced.`;
    return `${now}\n${compared}`;
}
