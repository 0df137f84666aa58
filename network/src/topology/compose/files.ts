import { createHash, randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { writeAllEngineFiles } from '../comet/plans';
import { Authority } from '../identities/authority';
import { writePublic, writeSecret } from '../identities/files';
import type { Layout } from '../layout';
import { coreSettings, ordererNode, ordererSettings, peerNode, writeSettings } from '../native/node-files';
import { raftSeats } from '../native/plans';
import { fabricPeers } from '../network-kind';
import { organisation, type Organisation, type Topology } from '../topology';
import {
    authoritySecret,
    authorityTls,
    composeFile,
    nodesTopologyFile,
    readFolders,
    writableFolders,
} from './compose-file';
import { authorityName, CONTAINER_LAYOUT, seenByNodes } from './names';

/** Where Fabric's images have the builder for chaincode services. */
const CCAAS_BUILDER = '/opt/hyperledger/ccaas_builder';
/** Whom containers run as where we are root, as in our images. */
const UNPRIVILEGED = 1000;
const SECRET_BYTES = 24;

export function composeYaml({ compose }: Layout): string {
    return join(compose, 'compose.yaml');
}

/** Of one home, so that networks of two homes stand side by side. */
export function projectName({ home }: Layout): string {
    return `commonwatt-${createHash('sha256').update(home).digest('hex').slice(0, 8)}`;
}

/** Writes all that the containers of a network read and that is not made for other kinds of networks as well. */
export async function writeComposeFiles(topology: Topology, layout: Layout): Promise<void> {
    mkdirSync(layout.compose, { recursive: true });
    const inside = seenByNodes(topology);
    writeFileSync(nodesTopologyFile(layout), `${JSON.stringify(inside, null, 4)}\n`);
    for (const { id } of fabricPeers(topology)) {
        const owner = organisation(inside, id);
        const settings = coreSettings(owner, CONTAINER_LAYOUT, CCAAS_BUILDER, topology.network.clientAuthRequired);
        writeSettings('core.yaml', layout.fabricConfiguration(peerNode(owner)), settings);
    }
    writeAllEngineFiles(topology, layout, CONTAINER_LAYOUT);
    for (const seat of raftSeats(inside)) {
        const settings = ordererSettings(seat, CONTAINER_LAYOUT, topology.network.clientAuthRequired);
        writeSettings('orderer.yaml', layout.fabricConfiguration(ordererNode(seat)), settings);
    }
    await Promise.all(topology.organisations.map((each) => makeAuthority(each, layout)));
    const user = giveToContainers(topology, layout);
    const file = await composeFile(topology, layout, { user });
    // Keys of chaincode clients stand in the environment of Fabric's peers.
    writeSecret(composeYaml(layout), stringify(file, { aliasDuplicateObjects: false }));
    writeFileSync(join(layout.compose, '.env'), `COMPOSE_PROJECT_NAME=${projectName(layout)}\n`);
}

/** What an organisation's certificate authority needs beside the organisation's own key: made once. */
async function makeAuthority(owner: Organisation, layout: Layout): Promise<void> {
    const secret = authoritySecret(owner, layout);
    if (existsSync(secret)) {
        return;
    }
    const { tlsCa } = layout.organisation(owner);
    const authority = await Authority.load({
        certificatePem: readFileSync(tlsCa.certificate, 'utf8'),
        privateKeyPem: readFileSync(tlsCa.key, 'utf8'),
    });
    const name = authorityName(owner);
    const { certificatePem, privateKeyPem } = await authority.issue({
        commonName: name,
        organisation: owner.domain,
        usage: 'tls',
        names: [name, 'localhost', '127.0.0.1'],
    });
    const tls = authorityTls(owner, layout);
    writePublic(tls.certificate, certificatePem);
    writeSecret(tls.key, privateKeyPem);
    writeSecret(secret, `FABRIC_CA_SERVER_BOOT=admin:${randomBytes(SECRET_BYTES).toString('base64url')}\n`);
}

/**
 * Containers run as whoever runs this, who owns the keys; root's network runs as nobody in particular, and what its containers
 * need is given to that user.
 */
function giveToContainers(topology: Topology, layout: Layout): string {
    for (const folder of writableFolders(topology, layout)) {
        mkdirSync(folder, { recursive: true });
    }
    const [uid = UNPRIVILEGED, gid = UNPRIVILEGED] = [process.getuid?.(), process.getgid?.()];
    if (uid !== 0) {
        return `${uid}:${gid}`;
    }
    const given = [...writableFolders(topology, layout), ...readFolders(topology, layout)];
    for (const path of given.filter((each) => existsSync(each))) {
        for (const inside of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
            chownSync(join(path, inside), UNPRIVILEGED, UNPRIVILEGED);
        }
        chownSync(path, UNPRIVILEGED, UNPRIVILEGED);
    }
    return `${UNPRIVILEGED}:${UNPRIVILEGED}`;
}
