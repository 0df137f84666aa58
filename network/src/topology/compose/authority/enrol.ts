import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { createPublicKey, generateKeyPairSync, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { signingIdentity } from '../../../fabric/signing';
import { writePublic } from '../../identities/files';
import type { Layout } from '../../layout';
import { organisation, type Organisation, type Topology } from '../../topology';
import { authoritySecret, publishedAuthority } from '../compose-file';
import { authorityName } from '../names';
import { FabricCaClient, type EnrolmentId } from './fabric-ca-client';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const SUFFIX_BYTES = 4;

/** What a member got. */
export interface Enrolled {
    readonly organisation: string;
    /** Name under which the authority knows the agent. */
    readonly id: string;
    readonly until: string;
}

/**
 * Has an organisation's own certificate authority (Fabric's, profile `ca` of a docker network) issue a certificate for its agent, over the
 * agent's key as it is: the key never leaves this machine, and what governance has on file of it stays true.
 *
 * @throws Error with what the authority says; or when the certificate is not for the agent's key or not by the organisation's root.
 */
export async function enrolAgent(topology: Topology, layout: Layout, id: string): Promise<Enrolled> {
    const owner = organisation(topology, id);
    const files = layout.organisation(owner);
    const client = clientOf(owner, layout);
    const agent = await client.register(newName(owner), 'client', await registrarOf(owner, client, layout));
    const key = readFileSync(files.agent.key, 'utf8');
    const issued = await client.enrol(agent, await certificateRequest(agent.id, key));
    const certificate = new X509Certificate(issued);
    const root = new X509Certificate(readFileSync(files.ca.certificate));
    if (!certificate.publicKey.equals(createPublicKey(key)) || !certificate.verify(root.publicKey)) {
        throw new Error(`what ${authorityName(owner)} issued is not a certificate of ${id}'s root for the agent's key`);
    }
    writePublic(files.agent.certificate, issued);
    return { organisation: id, id: agent.id, until: certificate.validToDate.toISOString() };
}

function clientOf(owner: Organisation, layout: Layout): FabricCaClient {
    const tlsRootPem = readFileSync(layout.organisation(owner).tlsCa.certificate, 'utf8');
    return new FabricCaClient({ ...publishedAuthority(owner), name: authorityName(owner), tlsRootPem });
}

/** A name is registered once; an agent may enrol again. */
function newName({ domain }: Organisation): string {
    return `Agent-${randomBytes(SUFFIX_BYTES).toString('hex')}@${domain}`;
}

/** The authority's administrator, with a key for this one time. */
async function registrarOf(
    owner: Organisation,
    client: FabricCaClient,
    layout: Layout,
): Promise<ReturnType<typeof signingIdentity>> {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const administrator = administratorOf(owner, layout);
    const certificate = await client.enrol(administrator, await certificateRequest(administrator.id, key));
    return signingIdentity(owner.mspId, certificate, key);
}

function administratorOf(owner: Organisation, layout: Layout): EnrolmentId {
    const file = authoritySecret(owner, layout);
    if (!existsSync(file)) {
        throw new Error(
            `there is no certificate authority of ${owner.id} in ${layout.home}: only docker networks have them`,
        );
    }
    const [, id, secret] = /^FABRIC_CA_SERVER_BOOT=([^:]+):(.+)$/m.exec(readFileSync(file, 'utf8')) ?? [];
    if (id === undefined || secret === undefined) {
        throw new Error(`${file} does not say who administers the certificate authority of ${owner.id}`);
    }
    return { id, secret };
}

/** PEM of a request for a certificate over a key of ours. */
export async function certificateRequest(commonName: string, privateKeyPem: string): Promise<string> {
    const spki = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'der' });
    const pkcs8 = x509.PemConverter.decodeFirst(privateKeyPem);
    const [publicKey, privateKey] = await Promise.all([
        webcrypto.subtle.importKey('spki', spki, ALGORITHM, true, ['verify']),
        webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']),
    ]);
    const made = await x509.Pkcs10CertificateRequestGenerator.create({
        name: [{ CN: [commonName] }],
        keys: { publicKey, privateKey },
        signingAlgorithm: ALGORITHM,
    });
    return made.toString('pem');
}
