import { common, peer } from '@hyperledger/fabric-protos';

import { headerHash } from '../../fabric/blocks';
import type { PeerLedger } from '../ledger/peer-ledger';
import type { AccessControl } from './access-control';
import { success, text, type SystemCall, type SystemChaincode } from './system-chaincode';

type Query = (ledger: PeerLedger, argument: Uint8Array) => Promise<Uint8Array>;

async function chainInfo(ledger: PeerLedger): Promise<Uint8Array> {
    const info = new common.BlockchainInfo();
    info.setHeight(ledger.height);
    const last = await ledger.blockByNumber(ledger.height - 1);
    const header = last?.getHeader();
    if (header) {
        info.setCurrentblockhash(headerHash(header));
        info.setPreviousblockhash(header.getPreviousHash_asU8());
    }
    return info.serializeBinary();
}

/** Stands for the newest block, in Fabric's own clients too. */
const NEWEST = '18446744073709551615';

async function blockByNumber(ledger: PeerLedger, argument: Uint8Array): Promise<Uint8Array> {
    const digits = text(argument);
    if (digits !== NEWEST && !/^\d{1,15}$/.test(digits)) {
        throw new Error(
            `Failed to parse block number with error strconv.ParseUint: parsing "${digits}": invalid syntax`,
        );
    }
    const block = await ledger.blockByNumber(digits === NEWEST ? ledger.height - 1 : Number(digits));
    if (!block)
        throw new Error(`Failed to get block number ${digits}, error no such block number [${digits}] in index`);
    return block.serializeBinary();
}

async function blockByHash(ledger: PeerLedger, hash: Uint8Array): Promise<Uint8Array> {
    const block = await ledger.blockByHash(hash);
    const hex = Buffer.from(hash).toString('hex');
    if (!block) throw new Error(`Failed to get block hash ${hex}, error no such block hash [${hex}] in index`);
    return block.serializeBinary();
}

async function blockByTxId(ledger: PeerLedger, argument: Uint8Array): Promise<Uint8Array> {
    const txId = text(argument);
    const block = await ledger.blockByTxId(txId);
    if (!block)
        throw new Error(`Failed to get block for txID ${txId}, error no such transaction ID [${txId}] in index`);
    return block.serializeBinary();
}

async function transactionById(ledger: PeerLedger, argument: Uint8Array): Promise<Uint8Array> {
    const txId = text(argument);
    const found = await ledger.transactionByTxId(txId);
    if (!found) {
        throw new Error(`Failed to get transaction with id ${txId}, error no such transaction ID [${txId}] in index`);
    }
    const processed = new peer.ProcessedTransaction();
    processed.setTransactionenvelope(common.Envelope.deserializeBinary(found.envelope));
    processed.setValidationcode(found.code);
    return processed.serializeBinary();
}

const QUERIES: ReadonlyMap<string, Query> = new Map<string, Query>([
    ['GetChainInfo', chainInfo],
    ['GetBlockByNumber', blockByNumber],
    ['GetBlockByHash', blockByHash],
    ['GetBlockByTxID', blockByTxId],
    ['GetTransactionByID', transactionById],
]);

/** Answers questions about blocks and transactions: args are the query, the channel, and what to look for. */
export class Qscc implements SystemChaincode {
    readonly name = 'qscc';

    constructor(
        private readonly ledgerOf: (channelId: string) => PeerLedger | undefined,
        private readonly access: AccessControl,
    ) {}

    async invoke({ args, signed }: SystemCall): Promise<peer.Response> {
        if (args.length < 2) throw new Error(`Incorrect number of arguments, ${args.length}`);
        const [query, channelId] = [text(args[0]), text(args[1])];
        if (query !== 'GetChainInfo' && args.length < 3) throw new Error(`missing 3rd argument for ${query}`);
        const ledger = this.ledgerOf(channelId);
        if (!ledger) throw new Error(`Invalid chain ID, ${channelId}`);
        const run = QUERIES.get(query);
        try {
            this.access.check(`qscc/${query}`, channelId, signed);
        } catch (cause) {
            const why = cause instanceof Error ? cause.message : String(cause);
            throw new Error(`access denied for [${query}][${channelId}]: [${why}]`, { cause });
        }
        if (!run) throw new Error(`Requested function ${query} not found.`);
        return success(await run(ledger, args[2] ?? new Uint8Array()));
    }
}
