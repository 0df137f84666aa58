import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
    genesisBlock,
    type ChannelDefinition,
    type OrderingSeat,
    type OrganisationDefinition,
} from '../fabric/channel-config';
import { signaturePolicyEnvelope, type Rule } from '../fabric/policy';
import { mspConfigOf } from './identities/msp-config';
import { engineIdentity, type EngineIdentity } from '../ordering/engine/comet/node/keys';
import type { Layout, OrganisationLayout } from './layout';
import { seatPorts } from './native/ports';
import { governancePolicy, marketPolicy, type Endorsers } from './policies';
import { gridOperator, households, seats, type Organisation, type Topology } from './topology';

/** Writes the channel's first block from the identities on disk; every node starts from these bytes. */
export function writeGenesisBlock(topology: Topology, layout: Layout): void {
    const block = genesisBlock(channelDefinition(topology, layout));
    mkdirSync(dirname(layout.genesisBlock), { recursive: true });
    const unfinished = `${layout.genesisBlock}.new`;
    writeFileSync(unfinished, block.serializeBinary());
    renameSync(unfinished, layout.genesisBlock);
}

/** The channel as the community's file describes it, with the certificates that were made. */
export function channelDefinition(topology: Topology, layout: Layout): ChannelDefinition {
    const { timeoutMs, ...batch } = topology.batch;
    return {
        channelId: topology.channel,
        organisations: topology.organisations.map((each) => organisationDefinition(each, layout)),
        ordering: {
            consensus: topology.network.ordering === 'raft' ? 'etcdraft' : 'BFT',
            seats: seats(topology).map((each) => orderingSeatOf(each, layout)),
            batchTimeout: `${timeoutMs}ms`,
            ...batch,
        },
        policies: {
            governance: signaturePolicyEnvelope(governanceRule(topology)),
            market: signaturePolicyEnvelope(marketRule(topology)),
        },
    };
}

export function governanceRule(topology: Topology): Rule {
    return governancePolicy(endorsers(topology));
}

export function marketRule(topology: Topology): Rule {
    return marketPolicy(endorsers(topology));
}

function endorsers(topology: Topology): Endorsers {
    return {
        operator: gridOperator(topology).mspId,
        households: households(topology).map(({ mspId }) => mspId),
    };
}

/** An organisation as the channel's configuration describes it, from its certificates on disk. */
export function organisationDefinition(organisation: Organisation, layout: Layout): OrganisationDefinition {
    const { mspId, peer, orderingSeat } = organisation;
    return {
        mspId,
        groupName: mspId,
        mspConfig: mspConfigOf(organisation, layout),
        anchorPeers: [peer],
        ...(orderingSeat === undefined ? {} : { ordererEndpoints: [`${orderingSeat.host}:${orderingSeat.port}`] }),
    };
}

/** An ordering seat as the channel's configuration describes it, from its certificates and keys on disk. */
export function orderingSeatOf(organisation: ReturnType<typeof seats>[number], layout: Layout): OrderingSeat {
    const { host, port, weight, consenterId } = organisation.orderingSeat;
    const { orderer, engine } = layout.organisation(organisation);
    const tls = readFileSync(orderer.tls.certificate, 'utf8');
    const ports = seatPorts(organisation.orderingSeat);
    return {
        mspId: organisation.mspId,
        host,
        port,
        identityPem: readFileSync(orderer.certificate, 'utf8'),
        serverTlsPem: tls,
        clientTlsPem: tls,
        weight: BigInt(weight),
        consenterId,
        ...(existsSync(engine.validator) ? { engine: { ...engineIdentityIn(engine), ...ports.engine } } : {}),
        cluster: ports.cluster,
    };
}

/** The public halves of a seat's engine keys. */
export function engineIdentityIn(files: OrganisationLayout['engine']): EngineIdentity {
    return engineIdentity({
        validator: readFileSync(files.validator, 'utf8'),
        node: readFileSync(files.node, 'utf8'),
    });
}
