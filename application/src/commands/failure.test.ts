import { describe, expect, it } from '@jest/globals';
import { InputError } from '../data/input-error';
import { EXIT, failureOf, NotNow, NotUp } from './failure';
import { Interrupted } from './steps/run-steps';

describe('exit codes', () => {
    /** Scripts go by them: none is ever renumbered. */
    it('are these', () => {
        expect(EXIT).toEqual({ done: 0, failed: 1, usage: 2, refused: 3, notUp: 4, interrupted: 130 });
    });

    it.each([
        { error: new InputError({ file: '--day' }, 'no day'), exitCode: 2 },
        { error: new NotNow('not founded'), exitCode: 3 },
        { error: new NotUp('down'), exitCode: 4 },
        { error: new Interrupted('interrupted'), exitCode: 130 },
        { error: new Error('a bug'), exitCode: 1 },
        { error: 'no error at all', exitCode: 1 },
    ])('are $exitCode for $error.name', ({ error, exitCode }) => {
        expect(failureOf(error).exitCode).toBe(exitCode);
    });
});
