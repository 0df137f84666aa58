import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { peer, type common } from '@hyperledger/fabric-protos';
import { decodeBlock } from '../../fabric/blocks';
import { genesisBlock } from '../../fabric/channel-config';
import {
    buildProposal,
    endorsedResponse,
    parseSignedProposal,
    transactionEnvelope,
    type Simulated,
} from '../../fabric/proposals';
import { encodeRwSet, type NamespaceRwSet } from '../../fabric/rwset';
import { signingIdentity, type SigningIdentity } from '../../fabric/signing';
import { channelDefinition, writeGenesisBlock } from '../../topology/genesis';
import { generateIdentities } from '../../topology/identities/generate';
import { layout as layoutOf, type IdentityFiles, type Layout } from '../../topology/layout';
import { withNetwork } from '../../topology/network-kind';
import { smallCommunity } from '../../topology/small-community';
import { organisation, seats, type Topology } from '../../topology/topology';
import { writeTopology } from '../../topology/topology-file';
import type { OrderingSeatOptions } from '../ordering-node';

export interface TransactionOptions {
    readonly channelId?: string;
    readonly nonce?: Uint8Array;
    readonly namespaces?: readonly Partial<NamespaceRwSet>[];
    /** Bytes of this length go into the arguments. */
    readonly padding?: number;
    readonly by?: SigningIdentity;
    /** The chaincode that is asked for; `market` if not given. */
    readonly chaincode?: string;
    /** The chaincode that endorsers say they ran, if another. */
    readonly ran?: string;
    /** Instead of the hash of the proposal. */
    readonly proposalHash?: Uint8Array;
    /** Organisations whose peers endorse; the grid operator's if not given. */
    readonly endorsers?: readonly string[];
}

/** A small community on disk, with everything that tests of ordering ask for. */
export class OrderingCommunity {
    private constructor(
        readonly topology: Topology,
        readonly layout: Layout,
    ) {}

    /** Households H1…Hn and the grid operator; the first four have seats, on ports from `portBase`. */
    static async create(
        households: number,
        portBase: number,
        batch: Partial<Topology['batch']> = {},
        { seats: count, ordering = 'own' }: { readonly seats?: number; readonly ordering?: 'own' | 'comet' } = {},
    ) {
        const made = smallCommunity(households, { portBase });
        const seated = new Set(
            seats(made)
                .slice(0, count)
                .map(({ id }) => id),
        );
        const organisations = made.organisations.map(({ orderingSeat, ...rest }) =>
            orderingSeat !== undefined && seated.has(rest.id) ? { ...rest, orderingSeat } : rest,
        );
        const topology = withNetwork({ ...made, organisations, batch: { ...made.batch, ...batch } }, { ordering });
        const layout = layoutOf(mkdtempSync(join(tmpdir(), 'ordering-')));
        await generateIdentities(topology, layout);
        writeTopology(topology, layout);
        writeGenesisBlock(topology, layout);
        return new OrderingCommunity(topology, layout);
    }

    remove(): void {
        rmSync(this.layout.home, { recursive: true });
    }

    /** Made anew: the same every time but for what is random in a configuration's envelope. */
    genesis(batch: Partial<Topology['batch']> = {}): common.Block {
        const topology = { ...this.topology, batch: { ...this.topology.batch, ...batch } };
        return genesisBlock(channelDefinition(topology, this.layout));
    }

    /** The one on disk, with which processes start. */
    written(): common.Block {
        return decodeBlock(readFileSync(this.layout.genesisBlock));
    }

    client(id: string): SigningIdentity {
        return this.#identity(id, this.layout.organisation(organisation(this.topology, id)).agent);
    }

    admin(id: string): SigningIdentity {
        return this.#identity(id, this.layout.organisation(organisation(this.topology, id)).admin);
    }

    peer(id: string): SigningIdentity {
        return this.#identity(id, this.layout.organisation(organisation(this.topology, id)).peer);
    }

    orderer(id: string): SigningIdentity {
        return this.#identity(id, this.layout.organisation(organisation(this.topology, id)).orderer);
    }

    tlsRoot(id: string): Buffer {
        return readFileSync(this.layout.organisation(organisation(this.topology, id)).orderer.tls.roots);
    }

    seats(): OrderingSeatOptions[] {
        return seats(this.topology).map((each) => {
            const { tls } = this.layout.organisation(each).orderer;
            return {
                ...each.orderingSeat,
                weight: BigInt(each.orderingSeat.weight),
                identity: this.orderer(each.id),
                tls: { certificate: readFileSync(tls.certificate), key: readFileSync(tls.key) },
            };
        });
    }

    /** Defines a chaincode with these explicit collections. */
    definition(chaincode: string, collections: readonly string[], endorsers: readonly string[]): common.Envelope {
        const configured = new peer.CollectionConfigPackage();
        for (const name of collections) {
            const collection = new peer.StaticCollectionConfig();
            collection.setName(name);
            configured.addConfig().setStaticCollectionConfig(collection);
        }
        const field = new peer.lifecycle.StateData();
        field.setBytes(configured.serializeBinary());
        const write = {
            key: `namespaces/fields/${chaincode}/Collections`,
            isDelete: false,
            value: field.serializeBinary(),
        };
        return this.transaction({
            chaincode: '_lifecycle',
            endorsers,
            namespaces: [{ name: '_lifecycle', writes: [write] }],
        });
    }

    /** A transaction of H1's agent, endorsed by the grid operator's peer. */
    transaction(options: TransactionOptions = {}): common.Envelope {
        const { nonce, chaincode = 'market', channelId = this.topology.channel, padding = 8 } = options;
        const client = options.by ?? this.client('H1');
        const args = [Buffer.from('auction:submitOrder'), randomBytes(padding)];
        const request = { channelId, chaincode, args, ...(nonce === undefined ? {} : { nonce }) };
        const { proposal, signed } = buildProposal(request, client);
        const simulated = simulation(options, chaincode, parseSignedProposal(signed).hash);
        const responses = (options.endorsers ?? ['DSO']).map((id) => endorsedResponse(simulated, this.peer(id)));
        return transactionEnvelope(proposal, responses, client);
    }

    #identity(id: string, files: IdentityFiles): SigningIdentity {
        const { mspId } = organisation(this.topology, id);
        return signingIdentity(mspId, readFileSync(files.certificate, 'utf8'), readFileSync(files.key, 'utf8'));
    }
}

function simulation(
    { namespaces = [], ran, proposalHash }: TransactionOptions,
    chaincode: string,
    asked: Uint8Array,
): Simulated {
    return {
        proposalHash: proposalHash ?? asked,
        response: { status: 200, message: '', payload: new Uint8Array() },
        results: encodeRwSet({ namespaces: namespaces.map(namespace) }),
        events: new Uint8Array(),
        chaincode: { name: ran ?? chaincode, version: '1' },
    };
}

function namespace(given: Partial<NamespaceRwSet>): NamespaceRwSet {
    return { name: 'market', reads: [], writes: [], rangeQueries: [], metadataWrites: [], collections: [], ...given };
}
