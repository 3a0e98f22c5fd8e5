// Keyed hashes of what callers present: API keys, session cookies and links are stored as HMAC only, so a stolen table opens nothing.
import { createHmac, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Config, deriveKey, parseKeyRing, type Secret } from '@keyrack/core';

@Injectable()
export class Hasher {
  readonly #key: KeyObject;
  constructor(@Inject(Config) config: Pick<Config, 'keys'>) { this.#key = deriveKey(parseKeyRing(config.keys), 'api keys and sessions'); }

  /** `purpose` keeps a hash of one kind from being taken for one of another. */
  hash(purpose: 'api key' | 'session' | 'csrf' | 'request' | 'access link', text: Secret | string): Buffer {
    return createHmac('sha256', this.#key).update(`${purpose}\0`).update(typeof text === 'string' ? text : text.reveal()).digest();
  }
}
