import { common } from '@hyperledger/fabric-protos';
import { Bundle, genesisBlock, type OrderingSeat, type OrganisationDefinition } from '../channel-config';
import { configUpdateEnvelope, computeConfigUpdate, signConfigUpdate } from '../config-update';
import { parsePolicy, signaturePolicyEnvelope } from '../policy';
import type { SigningIdentity } from '../signing';
import { TestAuthority, mspConfig } from './certificates';

export const HOUSEHOLDS = ['H1', 'H2', 'H3', 'H4'] as const;
const ROLES = ['peer', 'client', 'admin', 'orderer'];
const GOVERNANCE = `AND('DSO.peer', OutOf(3, ${HOUSEHOLDS.map((id) => `'${id}.peer'`).join(', ')}))`;

/** Changes a copy of the channel's group. */
export type Edit = (channel: common.ConfigGroup) => void;

/** A channel of four households with ordering seats and a grid operator, and everybody's keys: for updates good and bad. */
export class ConfigChannel {
    private constructor(
        readonly bundle: Bundle,
        private readonly signers: ReadonlyMap<string, SigningIdentity>,
    ) {}

    static async create(): Promise<ConfigChannel> {
        const signers = new Map<string, SigningIdentity>();
        const made = await Promise.all(
            [...HOUSEHOLDS, 'DSO', 'H5'].map((mspId, index) => organisation(mspId, index, signers)),
        );
        const block = genesisBlock({
            channelId: 'community',
            organisations: made.filter(({ mspId }) => mspId !== 'H5'),
            ordering: {
                seats: HOUSEHOLDS.map((mspId, index) => seat(mspId, index, signers)),
                batchTimeout: '100ms',
                maxMessageCount: 500,
                absoluteMaxBytes: 10_000_000,
                preferredMaxBytes: 2_000_000,
            },
            policies: {
                governance: signaturePolicyEnvelope(parsePolicy(GOVERNANCE)),
                market: signaturePolicyEnvelope(parsePolicy(`AND('DSO.peer', OR('H1.peer', 'H2.peer'))`)),
            },
        });
        return new ConfigChannel(Bundle.fromConfigBlock(block), signers);
    }

    /** The same keys under another configuration. */
    at(bundle: Bundle): ConfigChannel {
        return new ConfigChannel(bundle, this.signers);
    }

    get group(): common.ConfigGroup {
        return copy(this.bundle.config.getChannelGroup() ?? new common.ConfigGroup());
    }

    /** `H1.admin` */
    signer(name: string): SigningIdentity {
        const found = this.signers.get(name);
        if (found === undefined) throw new Error(`nobody is called ${name}`);
        return found;
    }

    edited(edit: Edit): common.ConfigGroup {
        const group = this.group;
        edit(group);
        return group;
    }

    /** The bytes that members sign. */
    update(edit: Edit): Uint8Array {
        return computeConfigUpdate('community', this.group, this.edited(edit)).serializeBinary();
    }

    signed(update: Uint8Array, signers: readonly string[], submitter = 'H1.admin'): Uint8Array {
        const signatures = signers.map((name) => signConfigUpdate(update, this.signer(name)));
        return configUpdateEnvelope('community', update, signatures, this.signer(submitter)).serializeBinary();
    }
}

export function copy(group: common.ConfigGroup): common.ConfigGroup {
    return common.ConfigGroup.deserializeBinary(group.serializeBinary());
}

/** The group at a path below the channel, as `Application/H1`. */
export function groupAt(channel: common.ConfigGroup, path: string): common.ConfigGroup {
    return path.split('/').reduce((group, name) => {
        const found = group.getGroupsMap().get(name);
        if (found === undefined) throw new Error(`there is no group ${name}`);
        return found;
    }, channel);
}

async function organisation(
    mspId: string,
    index: number,
    signers: Map<string, SigningIdentity>,
): Promise<OrganisationDefinition> {
    const authority = await TestAuthority.create(`ca.${mspId}`);
    const tls = await TestAuthority.create(`tlsca.${mspId}`);
    for (const role of ROLES) {
        signers.set(`${mspId}.${role}`, await authority.signer(mspId, role, { units: [role] }));
    }
    return {
        mspId,
        groupName: mspId,
        mspConfig: mspConfig(mspId, { roots: [authority.pem], tlsRoots: [tls.pem] }),
        anchorPeers: [{ host: '127.0.0.1', port: 8000 + index }],
        ordererEndpoints: [`127.0.0.1:${7000 + index}`],
    };
}

function seat(mspId: string, index: number, signers: ReadonlyMap<string, SigningIdentity>): OrderingSeat {
    return {
        mspId,
        host: '127.0.0.1',
        port: 7000 + index,
        identityPem: signers.get(`${mspId}.orderer`)?.certificatePem ?? '',
        serverTlsPem: 'server',
        clientTlsPem: 'client',
        weight: 1n,
        consenterId: index + 1,
    };
}
