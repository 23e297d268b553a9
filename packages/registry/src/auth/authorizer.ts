/** What a registry wants to see in `Authorization`, learned from its challenges. */

import type { Credential } from '../config/docker-config.ts';
import { type Answer, headerOf } from '../http/wire.ts';
import { withSignal } from '../http/with-signal.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import { mergeScopes, type Scope } from './scopes.ts';
import { basic, type Token, type TokenRequest } from './token.ts';

export interface AuthorizerOptions {
  /** The registry as people name it (`docker.io`), for messages. */
  readonly registry: string;
  readonly now: () => number;
  readonly credential: (repository: string | undefined) => Promise<Credential | undefined>;
  /** Checks where a realm points. @throws KubecrateError DENIED */
  readonly realm: (realm: string) => URL;
  /** Gets a token; it lives as long as the client, whoever asked first. */
  readonly requestToken: (request: TokenRequest) => Promise<Token>;
}

/** Who asks, and for what. */
export interface AccessRequest {
  readonly repository?: string | undefined;
  readonly scopes: readonly Scope[];
  readonly signal?: AbortSignal | undefined;
}

/** An `Authorization` header, and whether it was made for this very request. */
export interface Authorization {
  readonly header: string;
  readonly age: 'fresh' | 'cached';
}

type Method =
  | { readonly kind: 'basic' }
  | { readonly kind: 'bearer'; readonly realm: URL; readonly service: string | undefined };

/** The access of one client to one registry: learns the method, keeps tokens, renews them. */
export class Authorizer {
  readonly #options: AuthorizerOptions;
  #method: Method | undefined;
  /** Scopes that a challenge asked for beside the ones a request named. */
  readonly #wanted = new Map<string, readonly Scope[]>();
  readonly #tokens = new Map<string, Promise<Token>>();

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** The header for a request, or undefined where the registry has not asked for any. */
  async authorization(access: AccessRequest): Promise<Authorization | undefined> {
    const method = this.#method;
    if (method === undefined) return undefined;
    const credential = await withSignal(this.#options.credential(access.repository), access.signal);
    if (credential?.kind === 'registry-token') return { header: `Bearer ${credential.token}`, age: 'fresh' };
    if (method.kind === 'basic') {
      if (credential?.kind !== 'password') return undefined;
      return { header: basic(credential.username, credential.password), age: 'fresh' };
    }
    return this.#bearer(method, access, credential);
  }

  /**
   * Learns from a refusal (401, or 403 with a token that may have expired).
   * True where the same request is worth sending again.
   */
  async learn(answer: Answer, access: AccessRequest, used: Authorization | undefined): Promise<'again' | 'refused'> {
    if (answer.status === 403) return used?.age === 'cached' ? this.#renew(access) : 'refused';
    const credentials = (await this.hasCredential(access.repository)) ? 'known' : 'none';
    const challenge = chooseChallenge(parseChallenges(headerOf(answer, 'www-authenticate') ?? ''), credentials);
    if (challenge === undefined) return 'refused';
    const { realm = '', service, scope } = challenge.parameters;
    this.#method =
      challenge.scheme === 'basic' ? { kind: 'basic' } : { kind: 'bearer', realm: this.#options.realm(realm), service };
    const wanted = mergeScopes(access.scopes, scope === undefined || scope === '' ? [] : scope.split(/\s+/));
    const asked = this.#scopesOf(access);
    this.#wanted.set(keyOf(access.scopes), wanted);
    if (challenge.scheme === 'basic' && credentials === 'none') return 'refused';
    if (used === undefined) return 'again';
    if (challenge.scheme === 'bearer' && wanted.join(' ') !== asked.join(' ')) return 'again';
    return used.age === 'cached' ? this.#renew(access) : 'refused';
  }

  /** True where there are credentials for the registry, right or wrong; for hints. */
  async hasCredential(repository: string | undefined): Promise<boolean> {
    return (await this.#options.credential(repository)) !== undefined;
  }

  async #bearer(
    { realm, service }: { readonly realm: URL; readonly service: string | undefined },
    access: AccessRequest,
    credential: Credential | undefined,
  ): Promise<Authorization> {
    const scopes = this.#scopesOf(access);
    const key = keyOf(scopes);
    const flight = this.#tokens.get(key);
    if (flight !== undefined) {
      const { value, expiresAt } = await withSignal(flight, access.signal);
      if (expiresAt > this.#options.now()) return { header: `Bearer ${value}`, age: 'cached' };
      this.#forget(key, flight);
    }
    const request = { realm, service, scopes, credential, registry: this.#options.registry };
    const started = this.#tokens.get(key) ?? this.#start(key, request);
    return { header: `Bearer ${(await withSignal(started, access.signal)).value}`, age: 'fresh' };
  }

  /** One flight a token: whoever needs it meanwhile waits for the same. */
  #start(key: string, request: TokenRequest): Promise<Token> {
    const flight = this.#options.requestToken(request);
    this.#tokens.set(key, flight);
    flight.catch(() => this.#forget(key, flight));
    return flight;
  }

  #forget(key: string, flight: Promise<Token>): void {
    if (this.#tokens.get(key) === flight) this.#tokens.delete(key);
  }

  #renew(access: AccessRequest): 'again' {
    this.#tokens.delete(keyOf(this.#scopesOf(access)));
    return 'again';
  }

  #scopesOf({ scopes }: AccessRequest): readonly Scope[] {
    return this.#wanted.get(keyOf(scopes)) ?? mergeScopes(scopes);
  }
}

/** The first challenge that this client can answer; without credentials a token server may still give a token to anybody. */
function chooseChallenge(challenges: readonly Challenge[], credentials: 'known' | 'none'): Challenge | undefined {
  const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters['realm'] !== undefined);
  const plain = challenges.find(({ scheme }) => scheme === 'basic');
  if (bearer === undefined || plain === undefined) return bearer ?? plain;
  return credentials === 'known' && challenges.indexOf(plain) < challenges.indexOf(bearer) ? plain : bearer;
}

function keyOf(scopes: readonly Scope[]): string {
  return scopes.join(' ');
}
