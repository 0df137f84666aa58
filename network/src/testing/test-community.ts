import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { common } from '@hyperledger/fabric-protos';

import { dataHash, headerHash, newBlock, setBlockSignatures, signHeader, signaturesValue } from '../fabric/blocks';
import { buildProposal, endorsedResponse, parseSignedProposal, transactionEnvelope } from '../fabric/proposals';
import { encodeRwSet } from '../fabric/rwset';
import type { TxRwSet } from '../fabric/rwset';
import { signingIdentity } from '../fabric/signing';
import type { SigningIdentity } from '../fabric/signing';
import { writeGenesisBlock } from '../topology/genesis';
import { generateIdentities } from '../topology/identities/generate';
import { layout as layoutOf } from '../topology/layout';
import type { Layout } from '../topology/layout';
import { smallCommunity } from '../topology/small-community';
import { organisation } from '../topology/topology';
import type { Topology } from '../topology/topology';

export type SignerKind = 'peer' | 'agent' | 'admin' | 'orderer';

/** A transaction as a test wants it; the rest is filled in as an honest client and honest endorsers would. */
export interface TransactionSketch {
    readonly chaincode: string;
    readonly rwset: TxRwSet;
    /** Organisations whose peers endorse. */
    readonly endorsers: readonly string[];
    /** Organisation whose agent is the client. */
    readonly client?: string;
    readonly args?: readonly string[];
    /** Bytes of a ChaincodeEvent. */
    readonly event?: Uint8Array;
    readonly nonce?: Uint8Array;
    readonly version?: string;
    readonly ranChaincode?: string;
}

export interface MadeTransaction {
    readonly txId: string;
    readonly envelope: Uint8Array;
}

/** A channel with identities of its own in a temporary directory: makes transactions and blocks, runs nothing. */
export class TestCommunity {
    readonly topology: Topology;
    readonly layout: Layout;
    readonly genesis: common.Block;
    readonly #signers = new Map<string, SigningIdentity>();
    #directories = 0;

    private constructor(topology: Topology, layout: Layout) {
        this.topology = topology;
        this.layout = layout;
        this.genesis = common.Block.deserializeBinary(readFileSync(layout.genesisBlock));
    }

    static async create(households: number, portBase = 7050): Promise<TestCommunity> {
        const topology = smallCommunity(households, { portBase });
        const layout = layoutOf(mkdtempSync(join(tmpdir(), 'community-')));
        await generateIdentities(topology, layout);
        writeGenesisBlock(topology, layout);
        return new TestCommunity(topology, layout);
    }

    remove(): void {
        rmSync(this.layout.home, { recursive: true });
    }

    signer(organisationId: string, kind: SignerKind): SigningIdentity {
        const name = `${kind}@${organisationId}`;
        const known = this.#signers.get(name);
        if (known !== undefined) {
            return known;
        }
        const { mspId, domain } = organisation(this.topology, organisationId);
        const files = this.layout.organisation({ domain })[kind];
        const made = signingIdentity(mspId, readFileSync(files.certificate, 'utf8'), readFileSync(files.key, 'utf8'));
        this.#signers.set(name, made);
        return made;
    }

    /** What a peer of the organisation opens its ledger with; a new directory each time. */
    peer(organisationId: string): { directory: string; mspId: string; identity: Uint8Array } {
        this.#directories += 1;
        return {
            directory: join(this.layout.home, `ledger-${this.#directories}`),
            mspId: organisation(this.topology, organisationId).mspId,
            identity: this.signer(organisationId, 'peer').serialized,
        };
    }

    transaction(sketch: TransactionSketch): MadeTransaction {
        const client = this.signer(sketch.client ?? 'DSO', 'agent');
        const { txId, proposal, signed } = buildProposal(
            {
                channelId: this.topology.channel,
                chaincode: sketch.chaincode,
                args: (sketch.args ?? ['test']).map((argument) => Buffer.from(argument)),
                ...(sketch.nonce === undefined ? {} : { nonce: sketch.nonce }),
            },
            client,
        );
        const simulated = {
            proposalHash: parseSignedProposal(signed).hash,
            response: { status: 200, message: '', payload: new Uint8Array() },
            results: encodeRwSet(sketch.rwset),
            events: sketch.event ?? new Uint8Array(),
            chaincode: { name: sketch.ranChaincode ?? sketch.chaincode, version: sketch.version ?? '1.0' },
        };
        const responses = sketch.endorsers.map((id) => endorsedResponse(simulated, this.signer(id, 'peer')));
        return { txId, envelope: transactionEnvelope(proposal, responses, client).serializeBinary() };
    }

    /** The block after `previous`, signed by these seats' orderers (all by default). */
    block(
        previous: common.Block,
        envelopes: readonly Uint8Array[],
        seats: readonly string[] = this.topology.organisations
            .filter(({ orderingSeat }) => orderingSeat !== undefined)
            .map(({ id }) => id),
    ): common.Block {
        const header = previous.getHeader() ?? new common.BlockHeader();
        const block = newBlock(header.getNumber() + 1, headerHash(header), envelopes);
        this.sign(block, seats);
        return block;
    }

    /** Signs the header as it stands, over the hash of the data as they stand. */
    sign(block: common.Block, seats: readonly string[]): void {
        const header = block.getHeader() ?? new common.BlockHeader();
        header.setDataHash(dataHash(block.getData()?.getDataList_asU8() ?? []));
        const value = signaturesValue(0);
        setBlockSignatures(
            block,
            value,
            seats.map((id) => signHeader(header, value, this.signer(id, 'orderer'))),
        );
    }
}
