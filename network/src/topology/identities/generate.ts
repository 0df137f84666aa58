import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { newEngineKeys } from '../../ordering/engine/comet/node/keys';
import type { ChaincodeTlsFiles, Layout, NodeFiles, OrganisationLayout } from '../layout';
import { serviceName } from '../native/ports';
import { ownServices } from '../network-kind';
import { gridOperator, households, type Organisation, type Topology } from '../topology';
import { Authority, type OrganisationalUnit } from './authority';
import { writePublic, writeSecret } from './files';
import { type OrganisationRoots, writeSigningMsp, writeVerifyingMsp } from './msp-folder';

const SALT_KEY_BYTES = 32;

/**
 * Makes authorities, peers, orderers, members and devices of every organisation that has none yet; what is there stays.
 * An organisation's folder appears whole or not at all.
 */
export async function generateIdentities(topology: Topology, layout: Layout): Promise<void> {
    const operator = gridOperator(topology);
    const operatorFiles = layout.organisation(operator);
    if (!existsSync(operatorFiles.directory)) {
        const deviceCa = await Authority.create({
            commonName: `deviceca.${operator.domain}`,
            organisation: operator.domain,
        });
        await generateOrganisation(operator, layout, (files) => {
            writeAuthority(files.deviceCa, deviceCa);
            return Promise.resolve();
        });
    }
    const deviceCa = await loadAuthority(operatorFiles.deviceCa);
    await Promise.all(
        households(topology).map((household) =>
            generateOrganisation(household, layout, (files) => generateMeter(household, files, deviceCa)),
        ),
    );
    if (topology.network.clientAuthRequired === true) {
        await Promise.all(topology.organisations.map((each) => generateClientTls(each, layout)));
    }
    await generateChaincodeTls(layout.chaincodeTls);
    await Promise.all(
        ownServices(topology).map((each) =>
            generateChaincodeTls(
                layout.chaincodeTlsOf(each.id),
                topology.chaincodes.map(({ name }) => serviceName(each, name)),
            ),
        ),
    );
}

async function generateOrganisation(
    organisation: Organisation,
    layout: Layout,
    generateDevices: (files: OrganisationLayout) => Promise<void>,
): Promise<void> {
    const { directory } = layout.organisation(organisation);
    if (existsSync(directory)) {
        return;
    }
    const unfinished = layout.unfinished(organisation);
    rmSync(unfinished.directory, { recursive: true, force: true });
    await generateMembers(organisation, unfinished);
    await generateDevices(unfinished);
    renameSync(unfinished.directory, directory);
}

async function generateMembers(organisation: Organisation, files: OrganisationLayout): Promise<void> {
    const { domain } = organisation;
    const [ca, tlsCa] = await Promise.all(
        ['ca', 'tlsca'].map((name) => Authority.create({ commonName: `${name}.${domain}`, organisation: domain })),
    );
    if (ca === undefined || tlsCa === undefined) {
        throw new Error(`no authorities for ${domain}`);
    }
    const roots: OrganisationRoots = { domain, caPem: ca.certificatePem, tlsCaPem: tlsCa.certificatePem };
    writeAuthority(files.ca, ca);
    writeAuthority(files.tlsCa, tlsCa);
    writeVerifyingMsp(files.msp, roots);

    const identity = (name: string, unit: OrganisationalUnit): ReturnType<Authority['issue']> =>
        ca.issue({ commonName: name, organisation: domain, unit, usage: 'identity' });
    const node = async (target: NodeFiles, name: string, unit: OrganisationalUnit): Promise<void> => {
        writeSigningMsp(target, roots, await identity(name, unit));
        const tls = await tlsCa.issue({
            commonName: name,
            organisation: domain,
            usage: 'tls',
            names: [name, 'localhost', '127.0.0.1'],
        });
        writePublic(target.tls.certificate, tls.certificatePem);
        writeSecret(target.tls.key, tls.privateKeyPem);
        writePublic(target.tls.roots, tlsCa.certificatePem);
    };
    writeSigningMsp(files.admin, roots, await identity(`Admin@${domain}`, 'admin'));
    writeSigningMsp(files.agent, roots, await identity(`Agent@${domain}`, 'client'));
    writeSecret(files.saltKey, randomBytes(SALT_KEY_BYTES));
    await node(files.peer, `peer0.${domain}`, 'peer');
    if (organisation.orderingSeat !== undefined) {
        await node(files.orderer, `orderer0.${domain}`, 'orderer');
        const engine = newEngineKeys();
        writeSecret(files.engine.validator, engine.validator);
        writeSecret(files.engine.node, engine.node);
    }
}

/** TLS certificates with which members show themselves to nodes that ask for one. */
async function generateClientTls(organisation: Organisation, layout: Layout): Promise<void> {
    const { admin, agent, tlsCa } = layout.organisation(organisation);
    const { domain } = organisation;
    for (const [{ tls }, user] of [
        [admin, 'Admin'],
        [agent, 'Agent'],
    ] as const) {
        if (existsSync(tls.certificate)) {
            continue;
        }
        const authority = await loadAuthority(tlsCa);
        const commonName = `${user}@${domain}`;
        const made = await authority.issue({ commonName, organisation: domain, usage: 'tls', names: [domain] });
        writePublic(tls.roots, authority.certificatePem);
        writeSecret(tls.key, made.privateKeyPem);
        writePublic(tls.certificate, made.certificatePem);
    }
}

/** The operator's device authority is not in any MSP: a meter signs readings, and is nobody's member. */
async function generateMeter(
    organisation: Organisation,
    files: OrganisationLayout,
    deviceCa: Authority,
): Promise<void> {
    const meter = await deviceCa.issue({
        commonName: `meter@${organisation.domain}`,
        organisation: organisation.domain,
        usage: 'identity',
    });
    writePublic(files.meter.certificate, meter.certificatePem);
    writeSecret(files.meter.key, meter.privateKeyPem);
}

/**
 * Keys between peers and chaincode services have an authority of their own whose key is thrown away: nobody else can ever be
 * let in. The peer finds its key in the configuration of its builder, which fills the templates of the chaincode package.
 */
async function generateChaincodeTls(files: ChaincodeTlsFiles, names: readonly string[] = []): Promise<void> {
    if (existsSync(files.directory)) {
        return;
    }
    const unfinished = `${files.directory}.new`;
    rmSync(unfinished, { recursive: true, force: true });
    const authority = await Authority.create({ commonName: 'chaincode services' });
    const issue = (commonName: string): ReturnType<Authority['issue']> =>
        authority.issue({ commonName, usage: 'tls', names: [...names, 'localhost', '127.0.0.1'] });
    const server = await issue('chaincode');
    const client = await issue('peers');
    const target = (file: string): string => file.replace(files.directory, unfinished);
    writePublic(target(files.root), authority.certificatePem);
    writePublic(target(files.serverCertificate), server.certificatePem);
    writeSecret(target(files.serverKey), server.privateKeyPem);
    writePublic(target(files.clientCertificate), client.certificatePem);
    writeSecret(target(files.clientKey), client.privateKeyPem);
    renameSync(unfinished, files.directory);
}

function writeAuthority(files: { certificate: string; key: string }, authority: Authority): void {
    writePublic(files.certificate, authority.certificatePem);
    writeSecret(files.key, authority.privateKeyPem);
}

function loadAuthority(files: { certificate: string; key: string }): Promise<Authority> {
    return Authority.load({
        certificatePem: readFileSync(files.certificate, 'utf8'),
        privateKeyPem: readFileSync(files.key, 'utf8'),
    });
}
