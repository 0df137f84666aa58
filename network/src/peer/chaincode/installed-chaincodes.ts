import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

import { type ChaincodePackage, parseChaincodePackage } from './chaincode-package';
import type { BuilderValues } from './package-templates';

const SUFFIX = '.tar.gz';

function fileName(packageId: string): string {
    return packageId.replace(':', '.') + SUFFIX;
}

/** The chaincode packages installed on one peer; a package survives a crash right after install returned. */
export class InstalledChaincodes {
    private readonly packages = new Map<string, ChaincodePackage>();

    private constructor(
        private readonly directory: string,
        private readonly builder: BuilderValues,
    ) {}

    /** @param builder fills the templates of packages, anew at each start: services may have moved. */
    static async open(directory: string, builder: BuilderValues = {}): Promise<InstalledChaincodes> {
        await mkdir(directory, { recursive: true });
        const result = new InstalledChaincodes(directory, builder);
        for (const name of (await readdir(directory)).sort()) {
            if (!name.endsWith(SUFFIX)) continue;
            const found = await parseChaincodePackage(await readFile(join(directory, name)), builder);
            result.packages.set(found.packageId, found);
        }
        return result;
    }

    get(packageId: string): ChaincodePackage | undefined {
        return this.packages.get(packageId);
    }

    list(): readonly ChaincodePackage[] {
        return [...this.packages.values()];
    }

    /** Throws for what is not a package of chaincode as a service, and for one that is installed already. */
    async install(bytes: Uint8Array): Promise<ChaincodePackage> {
        const added = await parseChaincodePackage(bytes, this.builder).catch((cause: unknown) => {
            const why = cause instanceof Error ? cause.message : String(cause);
            throw new Error(`could not parse as a chaincode install package: ${why}`, { cause });
        });
        if (this.packages.has(added.packageId)) {
            throw new Error(`chaincode already successfully installed (package ID '${added.packageId}')`);
        }
        const target = join(this.directory, fileName(added.packageId));
        const file = await open(`${target}.new`, 'w', 0o600);
        try {
            await file.writeFile(bytes);
            await file.sync();
        } finally {
            await file.close();
        }
        await rename(`${target}.new`, target);
        this.packages.set(added.packageId, added);
        return added;
    }

    /** The bytes as they were installed, undefined when there is no such package. */
    async bytes(packageId: string): Promise<Uint8Array | undefined> {
        if (!this.packages.has(packageId)) return undefined;
        return readFile(join(this.directory, fileName(packageId)));
    }
}
