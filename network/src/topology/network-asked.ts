import type { NetworkKind } from './topology';

/** How a person names a kind of network: options of `network.sh up` and of `commonwatt`. */
export interface NetworkWords {
    readonly network?: string | undefined;
    readonly ordering?: string | undefined;
    /** Ids, separated by commas. */
    readonly embedded?: string | undefined;
}

const KINDS: readonly NetworkKind['kind'][] = ['embedded', 'native'];
const ORDERINGS: readonly NetworkKind['ordering'][] = ['own', 'raft'];

/** @returns undefined where nobody said anything. @throws Error naming what is not understood. */
export function networkAsked({ network, ordering, embedded }: NetworkWords): Partial<NetworkKind> | undefined {
    if (network === undefined && ordering === undefined && embedded === undefined) {
        return undefined;
    }
    const kind = oneOf('--network', KINDS, network ?? 'embedded');
    return {
        kind,
        ordering: oneOf('--ordering', ORDERINGS, ordering ?? 'own'),
        embedded: embedded?.split(',').filter(Boolean) ?? [],
    };
}

function oneOf<T extends string>(option: string, known: readonly T[], word: string): T {
    const found = known.find((each) => each === word);
    if (found === undefined) {
        throw new Error(`${option} is ${known.join(' or ')}, not ${word}`);
    }
    return found;
}
