import { describe, expect, test } from '@jest/globals';
import { fillTemplate } from './package-templates';

const VALUES = { chaincode: { market: '127.0.0.1:7170' }, root_cert: 'line\nline', port: 7 };

describe('a template in a chaincode package', () => {
    test.each([
        { text: 'plain', filled: 'plain' },
        { text: '{{.chaincode.market}}', filled: '127.0.0.1:7170' },
        { text: 'a:{{ .port }}:{{.root_cert}}', filled: 'a:7:line\nline' },
    ])('$text', ({ text, filled }) => {
        expect(fillTemplate(text, VALUES)).toBe(filled);
    });

    test.each([
        { text: '{{.nothing}}', why: 'map has no entry for key "nothing"' },
        { text: '{{.root_cert.more}}', why: 'map has no entry for key "more"' },
        { text: '{{.constructor}}', why: 'map has no entry for key "constructor"' },
        { text: '{{.chaincode}}', why: '.chaincode is no text' },
        { text: '{{index . "port"}}', why: 'fills {{.name}} only' },
    ])('$text is refused', ({ text, why }) => {
        expect(() => fillTemplate(text, VALUES)).toThrow(why);
    });
});
