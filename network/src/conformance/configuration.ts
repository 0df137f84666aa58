import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as x509 from '@peculiar/x509';
import { common, msp } from '@hyperledger/fabric-protos';
import {
    computeConfigUpdate,
    configEnvelope,
    configUpdateEnvelope,
    proposedConfig,
    signConfigUpdate,
} from '../fabric/config-update';
import { signingIdentity, type SigningIdentity } from '../fabric/signing';
import type { TestCommunity } from '../testing/test-community';
import { Authority } from '../topology/identities/authority';
import { organisation } from '../topology/topology';
import type { MadeEnvelope, Setting } from './scenario';

export type Edit = (channel: common.ConfigGroup, setting: Setting) => void | Promise<void>;

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const HOUR_MS = 3_600_000;

/** An update from the configuration in force to what the edit makes of it, signed by these organisations' administrators. */
export function updated(edit: Edit, signers: readonly string[]): MadeEnvelope {
    return async (setting) => {
        const { bundle, community } = setting;
        const present = bundle.config.getChannelGroup() ?? new common.ConfigGroup();
        const edited = common.ConfigGroup.deserializeBinary(present.serializeBinary());
        await edit(edited, setting);
        const update = computeConfigUpdate(bundle.channelId, present, edited).serializeBinary();
        const signatures = signers.map((id) => signConfigUpdate(update, community.signer(id, 'admin')));
        const submitter = community.signer('H1', 'admin');
        return configUpdateEnvelope(bundle.channelId, update, signatures, submitter).serializeBinary();
    };
}

/** The configuration that an orderer makes of such an update, as it stands in its block. */
export function configured(edit: Edit, signers: readonly string[]): MadeEnvelope {
    return async (setting) => {
        const { bundle, community } = setting;
        const update = await updated(edit, signers)(setting);
        const { config } = proposedConfig(bundle, update);
        const orderer = community.signer('H1', 'orderer');
        const envelope = common.Envelope.deserializeBinary(update);
        return configEnvelope(bundle.channelId, config, envelope, orderer).serializeBinary();
    };
}

export function groupAt(channel: common.ConfigGroup, ...path: readonly string[]): common.ConfigGroup {
    return path.reduce((group, name) => {
        const found = group.getGroupsMap().get(name);
        if (found === undefined) throw new Error(`the configuration has no group ${path.join('/')}`);
        return found;
    }, channel);
}

/** Changes an organisation's MSP, wherever the configuration has it. */
export function editMsp(channel: common.ConfigGroup, mspId: string, edit: (config: msp.FabricMSPConfig) => void): void {
    for (const part of ['Application', 'Orderer']) {
        const value = groupAt(channel, part).getGroupsMap().get(mspId)?.getValuesMap().get('MSP');
        if (value === undefined) continue;
        const config = msp.MSPConfig.deserializeBinary(value.getValue_asU8());
        const fabric = msp.FabricMSPConfig.deserializeBinary(config.getConfig_asU8());
        edit(fabric);
        config.setConfig(fabric.serializeBinary());
        value.setValue(config.serializeBinary());
    }
}

function authorityFiles({ topology, layout }: TestCommunity, id: string): { certificate: string; key: string } {
    const { ca } = layout.organisation(organisation(topology, id));
    return { certificate: readFileSync(ca.certificate, 'utf8'), key: readFileSync(ca.key, 'utf8') };
}

/** A client of the organisation with a certificate that ended half an hour ago. */
export async function expiredClient(community: TestCommunity, id: string): Promise<SigningIdentity> {
    const { certificate, key } = authorityFiles(community, id);
    const authority = await Authority.load({ certificatePem: certificate, privateKeyPem: key });
    const now = Date.now();
    const issued = await authority.issue({
        commonName: 'late',
        unit: 'client',
        usage: 'identity',
        validity: { notBefore: new Date(now - HOUR_MS), notAfter: new Date(now - HOUR_MS / 2) },
    });
    return signingIdentity(organisation(community.topology, id).mspId, issued.certificatePem, issued.privateKeyPem);
}

/** A client whose certificate another authority issued, of the same name as the organisation's own. */
export async function foreignClient(community: TestCommunity, id: string): Promise<SigningIdentity> {
    const { domain, mspId } = organisation(community.topology, id);
    const authority = await Authority.create({ commonName: `ca.${domain}`, organisation: domain });
    const issued = await authority.issue({ commonName: 'stranger', unit: 'client', usage: 'identity' });
    return signingIdentity(mspId, issued.certificatePem, issued.privateKeyPem);
}

/** The organisation's list of revoked certificates with one on it, PEM. */
export async function revocation(community: TestCommunity, id: string, certificatePem: string): Promise<Buffer> {
    const files = authorityFiles(community, id);
    const issuer = new x509.X509Certificate(files.certificate);
    const [pkcs8 = new ArrayBuffer()] = x509.PemConverter.decode(files.key);
    const list = await x509.X509CrlGenerator.create({
        issuer: issuer.subject,
        thisUpdate: new Date(Date.now() - HOUR_MS),
        entries: [{ serialNumber: new x509.X509Certificate(certificatePem).serialNumber, revocationDate: new Date() }],
        extensions: [await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey)],
        signingAlgorithm: ALGORITHM,
        signingKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']),
    });
    return Buffer.from(x509.PemConverter.encode(list.rawData, 'X509 CRL'));
}
