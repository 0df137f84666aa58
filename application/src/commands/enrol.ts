import { enrolAgent } from '@commonwatt/network/topology/compose/authority/enrol';
import { contextOf, print, type CommonOptions } from './context';
import { EXIT } from './failure';

/** A certificate for a household's agent from the household's own authority; its key stays as it is. */
export async function enrol(home: string, options: CommonOptions): Promise<number> {
    const { topology, layout } = contextOf(options);
    const enrolled = await enrolAgent(topology, layout, home);
    print(
        options.json === true
            ? JSON.stringify(enrolled)
            : `The agent of ${home} is ${enrolled.id} now, with the key that it had, until ${enrolled.until}.`,
    );
    return EXIT.done;
}
