import type { NetworkWish } from './network-kind';
import type { NetworkKind } from './topology';

/** How a person names a kind of network: options of `network.sh up` and of `commonwatt`. */
export interface NetworkWords {
    readonly network?: string | undefined;
    readonly ordering?: string | undefined;
    /** Ids, separated by commas. */
    readonly embedded?: string | undefined;
    /** Whose program all peers of a docker network are. */
    readonly peers?: string | undefined;
    /** Peers and orderers ask for TLS certificates. */
    readonly tlsClientAuth?: boolean | undefined;
    /** Ids, separated by commas. */
    readonly ownChaincode?: string | undefined;
}

const KINDS: readonly NetworkKind['kind'][] = ['embedded', 'native', 'docker'];
const ORDERINGS: readonly NetworkKind['ordering'][] = ['own', 'comet', 'raft'];

const PEERS = ['fabric', 'embedded'] as const;

/** @returns undefined where nobody said anything. @throws Error naming what is not understood. */
export function networkAsked(words: NetworkWords): NetworkWish | undefined {
    const { network, ordering, embedded, peers, tlsClientAuth, ownChaincode } = words;
    if ([network, ordering, embedded, peers, tlsClientAuth, ownChaincode].every((word) => word === undefined)) {
        return undefined;
    }
    const ours = oneOf('--peers', PEERS, peers ?? 'fabric') === 'embedded';
    const kind = oneOf('--network', KINDS, network ?? 'embedded');
    return {
        kind,
        ordering: oneOf('--ordering', ORDERINGS, ordering ?? 'own'),
        embedded: ours ? 'all' : (embedded?.split(',').filter(Boolean) ?? []),
        ...(tlsClientAuth === true ? { clientAuthRequired: true } : {}),
        ...(ownChaincode === undefined ? {} : { ownChaincode: ownChaincode.split(',').filter(Boolean) }),
    };
}

function oneOf<T extends string>(option: string, known: readonly T[], word: string): T {
    const found = known.find((each) => each === word);
    if (found === undefined) {
        throw new Error(`${option} is ${known.join(' or ')}, not ${word}`);
    }
    return found;
}
