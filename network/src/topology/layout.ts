import { join, resolve } from 'node:path';
import type { Organisation } from './topology';

/** The checkout this code runs from, whether as sources or built. */
export const repositoryRoot: string = resolve(__dirname, '..', '..', '..');

/** Processes run what was built, also when the code that starts them runs from its source. */
export function nodeScript(name: string): string {
    return join(repositoryRoot, 'network', 'dist', 'nodes', `${name}.js`);
}

/** A key, its certificate and the MSP folder around them, as Fabric's tools lay them out. */
export interface IdentityFiles {
    readonly msp: string;
    readonly certificate: string;
    readonly key: string;
}

export interface TlsFiles {
    readonly directory: string;
    readonly certificate: string;
    readonly key: string;
    /** The TLS root of the organisation itself. */
    readonly roots: string;
}

export interface NodeFiles extends IdentityFiles {
    readonly tls: TlsFiles;
}

/** A member's identity and the TLS certificate that it shows where a node asks for one. */
export interface UserFiles extends IdentityFiles {
    readonly tls: TlsFiles;
}

export interface OrganisationLayout {
    readonly directory: string;
    readonly msp: string;
    readonly ca: { readonly certificate: string; readonly key: string };
    readonly tlsCa: { readonly certificate: string; readonly key: string };
    /** Issues the meters' certificates: the grid operator's alone counts. */
    readonly deviceCa: { readonly certificate: string; readonly key: string };
    readonly peer: NodeFiles;
    /** Exists for organisations with an ordering seat. */
    readonly orderer: NodeFiles;
    /** Is there while the certificates of the seat are being renewed: what it goes on with once the configuration names it. */
    readonly nextOrderer: NodeFiles & { readonly directory: string };
    /** Keys of the seat's engine, in files of the engine's own format. */
    readonly engine: { readonly validator: string; readonly node: string };
    readonly admin: UserFiles;
    readonly agent: UserFiles;
    /** 32 random bytes from which the agent derives the salts of its records. */
    readonly saltKey: string;
    /** Key pair of the home's meter, certified by the grid operator's device authority. Exists for households. */
    readonly meter: { readonly certificate: string; readonly key: string };
    /** Of organisations that have transactions attested: the file that says so lies there, and the service's socket may. */
    readonly attestation: { readonly directory: string; readonly file: string };
}

/** Every path under one home directory. Nothing is created by asking. */
export interface Layout {
    readonly home: string;
    readonly peerOrganizations: string;
    readonly var: string;
    readonly topologyFile: string;
    readonly genesisBlock: string;
    readonly packages: string;
    /** Keys between peers and chaincode services. */
    readonly chaincodeTlsFolder: string;
    /** Those of the services that all embedded peers share. */
    readonly chaincodeTls: ChaincodeTlsFiles;
    /** Configuration of Fabric's own nodes, one folder for each. */
    readonly fabric: string;
    /** What a docker network is made from. */
    readonly compose: string;
    readonly ordering: string;
    readonly ledgers: string;
    /** What agents keep to themselves, a folder for each. */
    readonly agents: string;
    /** Who may log in to the pages of this machine's households. */
    readonly server: string;
    /** What everybody may know, out of the channel's blocks. */
    readonly readModels: string;
    readonly logs: string;
    readonly run: string;
    organisation(organisation: Pick<Organisation, 'domain'>): OrganisationLayout;
    /** Where an organisation's folder is made before it gets its name. */
    unfinished(organisation: Pick<Organisation, 'domain'>): OrganisationLayout;
    ledger(organisationId: string): string;
    /** Where an organisation's agent keeps what is on no ledger yet. */
    agentFolder(organisationId: string): string;
    /** What an ordering seat with a process of its own keeps. */
    seat(organisationId: string): SeatFolders;
    /** Keys between the Fabric peer of an organisation and the chaincode services of its own. */
    chaincodeTlsOf(organisationId: string): ChaincodeTlsFiles;
    /** What Fabric calls its configuration path: `core.yaml` or `orderer.yaml` lie there. */
    fabricConfiguration(node: string): string;
    /** Readiness of a process: it writes this file when it serves, and removes it when it starts and ends. */
    readyFile(process: string): string;
    logFile(process: string): string;
    packageFile(label: string): string;
}

export interface SeatFolders {
    readonly directory: string;
    /** The home of its engine. */
    readonly engine: string;
}

export interface ChaincodeTlsFiles {
    readonly directory: string;
    readonly root: string;
    readonly serverCertificate: string;
    readonly serverKey: string;
    readonly clientCertificate: string;
    readonly clientKey: string;
}

/** @param home defaults to the repository, so that paths are the documented ones. */
export function layout(home: string = repositoryRoot): Layout {
    const root = resolve(home);
    const variable = join(root, 'var');
    const peerOrganizations = join(root, 'organizations', 'peerOrganizations');
    return {
        home: root,
        peerOrganizations,
        var: variable,
        topologyFile: join(variable, 'topology.json'),
        genesisBlock: join(variable, 'genesis.block'),
        packages: join(variable, 'packages'),
        chaincodeTlsFolder: join(variable, 'chaincode-tls'),
        chaincodeTls: chaincodeTlsFiles(join(variable, 'chaincode-tls', 'shared')),
        fabric: join(variable, 'fabric'),
        compose: join(variable, 'compose'),
        ordering: join(variable, 'ordering'),
        ledgers: join(variable, 'ledgers'),
        agents: join(variable, 'agents'),
        server: join(variable, 'server'),
        readModels: join(variable, 'read-model'),
        logs: join(variable, 'logs'),
        run: join(variable, 'run'),
        organisation: ({ domain }) => organisationLayout(join(peerOrganizations, domain), domain),
        unfinished: ({ domain }) => organisationLayout(join(peerOrganizations, `.unfinished-${domain}`), domain),
        seat: (organisationId) => {
            const own = join(variable, 'ordering', organisationId);
            return { directory: own, engine: join(own, 'engine') };
        },
        agentFolder: (organisationId) => join(variable, 'agents', organisationId),
        ledger: (organisationId) => join(variable, 'ledgers', organisationId),
        chaincodeTlsOf: (organisationId) => chaincodeTlsFiles(join(variable, 'chaincode-tls', 'of', organisationId)),
        fabricConfiguration: (node) => join(variable, 'fabric', node),
        readyFile: (process) => join(variable, 'run', `${process}.ready`),
        logFile: (process) => join(variable, 'logs', `${process}.log`),
        packageFile: (label) => join(variable, 'packages', `${label}.tar.gz`),
    };
}

function organisationLayout(directory: string, domain: string): OrganisationLayout {
    const authority = (folder: string, name: string): { certificate: string; key: string } => ({
        certificate: join(directory, folder, `${name}.${domain}-cert.pem`),
        key: join(directory, folder, 'priv_sk'),
    });
    const node = (kind: string, name: string, own = join(directory, kind, `${name}.${domain}`)): NodeFiles => ({
        ...identityFiles(join(own, 'msp'), `${name}.${domain}`),
        tls: tlsFiles(join(own, 'tls'), 'server'),
    });
    const orderer = join(directory, 'orderers', `orderer0.${domain}`);
    const next = join(orderer, 'next');
    const userFolder = (name: string): string => join(directory, 'users', `${name}@${domain}`);
    const user = (name: string): UserFiles => ({
        ...identityFiles(join(userFolder(name), 'msp'), `${name}@${domain}`),
        tls: tlsFiles(join(userFolder(name), 'tls'), 'client'),
    });
    const meter = join(directory, 'devices', `meter@${domain}`);
    return {
        directory,
        msp: join(directory, 'msp'),
        ca: authority('ca', 'ca'),
        tlsCa: authority('tlsca', 'tlsca'),
        deviceCa: authority('deviceca', 'deviceca'),
        peer: node('peers', 'peer0'),
        orderer: node('orderers', 'orderer0'),
        nextOrderer: { ...node('orderers', 'orderer0', next), directory: next },
        engine: {
            validator: join(orderer, 'engine', 'priv_validator_key.json'),
            node: join(orderer, 'engine', 'node_key.json'),
        },
        admin: user('Admin'),
        agent: user('Agent'),
        saltKey: join(userFolder('Agent'), 'salt.key'),
        meter: { certificate: join(meter, 'cert.pem'), key: join(meter, 'key.pem') },
        attestation: {
            directory: join(directory, 'attestation'),
            file: join(directory, 'attestation', 'attestation.json'),
        },
    };
}

function identityFiles(msp: string, name: string): IdentityFiles {
    return { msp, certificate: join(msp, 'signcerts', `${name}-cert.pem`), key: join(msp, 'keystore', 'priv_sk') };
}

function tlsFiles(directory: string, name: 'server' | 'client'): TlsFiles {
    return {
        directory,
        certificate: join(directory, `${name}.crt`),
        key: join(directory, `${name}.key`),
        roots: join(directory, 'ca.crt'),
    };
}

function chaincodeTlsFiles(directory: string): ChaincodeTlsFiles {
    return {
        directory,
        root: join(directory, 'root.pem'),
        serverCertificate: join(directory, 'server.pem'),
        serverKey: join(directory, 'server-key.pem'),
        clientCertificate: join(directory, 'client.pem'),
        clientKey: join(directory, 'client-key.pem'),
    };
}
