import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { failureOf, NotNow, NotUp } from '../failure';
import { InputError } from '../../data/input-error';
import { Interrupted, runSteps, type Step } from './run-steps';

let lines: string[];
beforeEach(() => {
    lines = [];
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
});
afterEach(() => {
    jest.restoreAllMocks();
});

const step = (title: string, result?: string): Step => ({
    title,
    run: (say) => {
        say(`inside ${title}`);
        return Promise.resolve(result);
    },
});

describe('steps', () => {
    it('are told in plain lines on standard error where nobody watches', async () => {
        await runSteps([step('one'), step('two', 'well done')], false);
        expect(lines.join('')).toBe('one\n  inside one\ntwo\n  inside two\n  well done\n');
    });

    it('stop at the first that fails', async () => {
        const failing: Step = { title: 'bad', run: () => Promise.reject(new Error('no')) };
        await expect(runSteps([failing, step('never')], false)).rejects.toThrow('no');
        expect(lines.join('')).toBe('bad\n');
    });

    it('are given up when somebody interrupts', async () => {
        const controller = new AbortController();
        const endless: Step = { title: 'endless', run: () => pause(60_000, undefined, { ref: false }) };
        const running = runSteps([endless, step('never')], false, controller.signal);
        controller.abort(new Interrupted('interrupted'));
        await expect(running).rejects.toThrow(Interrupted);
        expect(lines.join('')).toBe('endless\n');
    });

    it('that have something to tear down are waited for', async () => {
        const controller = new AbortController();
        let tornDown = false;
        const starting: Step = {
            title: 'starting',
            endsItself: true,
            run: async () => {
                await pause(5);
                tornDown = true;
                throw new Error('stopped half way');
            },
        };
        const running = runSteps([starting], false, controller.signal);
        controller.abort(new Interrupted('interrupted'));
        await expect(running).rejects.toThrow(Interrupted);
        expect(tornDown).toBe(true);
    });
});

describe('the exit code and what is said', () => {
    it.each([
        {
            error: new InputError({ file: 'load.csv', line: 3 }, 'gap'),
            exitCode: 2,
            says: /^load\.csv, line 3: gap\nNothing/,
        },
        { error: new NotNow('open already'), exitCode: 3, says: /^open already$/ },
        { error: new NotUp('it is down'), exitCode: 4, says: /^it is down$/ },
        { error: new Interrupted('interrupted'), exitCode: 130, says: /`commonwatt day --resume` goes on/ },
        { error: new Error('disk full'), exitCode: 1, says: /^disk full$/ },
    ])('$error.name', ({ error, exitCode, says }) => {
        expect(failureOf(error)).toEqual({ exitCode, message: expect.stringMatching(says) });
    });
});
