import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineAddress } from '../seats';
import { engineSockets, type EngineSockets } from './sockets';

/** Another engine, as this one finds and recognises it. */
export interface EnginePeer {
    readonly nodeId: string;
    readonly host: string;
    readonly port: number;
}

/** What all engines of a channel must agree on to the byte. */
export interface EngineGenesis {
    /** The channel. */
    readonly chainId: string;
    /** When the channel was made. */
    readonly time: Date;
    readonly seats: readonly { readonly id: string; readonly publicKey: Uint8Array; readonly power: bigint }[];
}

export interface EngineFiles {
    /** The engine's home; made if it is not there. */
    readonly directory: string;
    /** The same folder as the engine finds it, where that is elsewhere: in a container. */
    readonly seenAs?: string;
    /** Paths of its keys, which lie with the seat's other keys; as the engine finds them. */
    readonly keys: { readonly validator: string; readonly node: string };
    /** Where the other engines reach this one. */
    readonly listen: { readonly host: string; readonly port: number };
    readonly peers: readonly EnginePeer[];
    readonly genesis: EngineGenesis;
    /** How long at least between two blocks, so that messages share one. */
    readonly batchTimeoutMs: number;
}

/** Of one message, and of a block; the engine itself takes blocks of up to 100 MiB. */
const LONGEST_MESSAGE = 99 * 1024 * 1024;
const LONGEST_BLOCK = 100 * 1024 * 1024;
/** In JSON-RPC a message is Base64. */
const LONGEST_REQUEST = 140 * 1024 * 1024;
const LONGEST_BATCH_WAIT_MS = 100;

/**
 * Writes everything an engine needs to start, so that nobody is asked anything and nothing is left at a default that exposes it:
 * requests only over sockets in the file system, other engines only those named here. Keys are not touched; what the engine remembers of
 * its votes is begun once, with its data, and never again.
 */
export function writeEngineFiles(files: EngineFiles): void {
    const { directory, seenAs } = files;
    const sockets = engineSockets(seenAs ?? directory);
    const inPlace = sockets.directory.replace(seenAs ?? directory, directory);
    for (const folder of [join(directory, 'config'), inPlace]) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
    replace(join(directory, 'config', 'genesis.json'), genesisJson(files.genesis));
    replace(join(directory, 'config', 'config.toml'), toml(settings(files, sockets)));
    const data = join(directory, 'data');
    if (!existsSync(data)) {
        const unfinished = `${data}.new`;
        mkdirSync(unfinished, { recursive: true, mode: 0o700 });
        replace(join(unfinished, 'priv_validator_state.json'), '{"height":"0","round":0,"step":0}\n');
        renameSync(unfinished, data);
    }
}

export function genesisJson({ chainId, time, seats }: EngineGenesis): string {
    const genesis = {
        genesis_time: time.toISOString(),
        chain_id: chainId,
        initial_height: '1',
        consensus_params: {
            block: { max_bytes: String(LONGEST_BLOCK), max_gas: '-1' },
            evidence: { max_age_num_blocks: '100000', max_age_duration: '172800000000000', max_bytes: '1048576' },
            validator: { pub_key_types: ['ed25519'] },
            version: { app: '1' },
            abci: { vote_extensions_enable_height: '0' },
        },
        validators: seats.map(({ id, publicKey, power }) => ({
            address: engineAddress(publicKey).toUpperCase(),
            pub_key: { type: 'tendermint/PubKeyEd25519', value: Buffer.from(publicKey).toString('base64') },
            power: power.toString(),
            name: id,
        })),
        app_hash: '',
    };
    return `${JSON.stringify(genesis, null, 2)}\n`;
}

type Setting = string | number | boolean;
type Settings = Readonly<Record<string, Setting | Readonly<Record<string, Setting>>>>;

/**
 * Times that make fail-over take less than a second and an idle service nearly nothing; measured, see
 * docs/guides/measurements.md. What is not named keeps the engine's default.
 */
function settings({ keys, listen, peers, batchTimeoutMs }: EngineFiles, sockets: EngineSockets): Settings {
    return {
        proxy_app: `unix://${sockets.application}`,
        abci: 'socket',
        moniker: 'ordering-seat',
        log_level: 'error',
        priv_validator_key_file: keys.validator,
        node_key_file: keys.node,
        // The application refuses engines that are not of the channel.
        filter_peers: true,
        rpc: {
            laddr: `unix://${sockets.rpc}`,
            max_body_bytes: LONGEST_REQUEST,
            max_open_connections: 32,
        },
        p2p: {
            laddr: `tcp://${listen.host}:${listen.port}`,
            persistent_peers: peers.map(({ nodeId, host, port }) => `${nodeId}@${host}:${port}`).join(','),
            unconditional_peer_ids: peers.map(({ nodeId }) => nodeId).join(','),
            persistent_peers_max_dial_period: '5s',
            pex: false,
            addr_book_strict: false,
            allow_duplicate_ip: true,
            flush_throttle_timeout: '10ms',
            max_packet_msg_payload_size: 16_384,
            send_rate: 52_428_800,
            recv_rate: 52_428_800,
        },
        mempool: {
            type: 'flood',
            recheck: true,
            recheck_timeout: '5s',
            size: 5_000,
            max_txs_bytes: 4 * LONGEST_MESSAGE,
            max_tx_bytes: LONGEST_MESSAGE,
            cache_size: 20_000,
        },
        statesync: { enable: false },
        consensus: {
            timeout_propose: '350ms',
            timeout_propose_delta: '500ms',
            timeout_prevote: '200ms',
            timeout_prevote_delta: '100ms',
            timeout_precommit: '50ms',
            timeout_precommit_delta: '100ms',
            timeout_commit: `${Math.min(batchTimeoutMs, LONGEST_BATCH_WAIT_MS)}ms`,
            create_empty_blocks: false,
            peer_gossip_sleep_duration: '10ms',
        },
        storage: { discard_abci_responses: true },
        tx_index: { indexer: 'null' },
        instrumentation: { prometheus: false },
    };
}

/** Simple values first, then groups of them: all that the engine's configuration consists of. */
function toml(all: Settings): string {
    const lines = (group: Readonly<Record<string, Setting>>): string[] =>
        Object.entries(group).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
    const entries = Object.entries(all);
    const simple = entries.flatMap(([name, value]) => (typeof value === 'object' ? [] : [[name, value] as const]));
    const groups = entries.flatMap(([name, value]) =>
        typeof value === 'object' ? [['', `[${name}]`, ...lines(value)].join('\n')] : [],
    );
    return `${[...lines(Object.fromEntries(simple)), ...groups].join('\n')}\n`;
}

function replace(file: string, content: string): void {
    writeFileSync(`${file}.new`, content, { mode: 0o600 });
    renameSync(`${file}.new`, file);
}
