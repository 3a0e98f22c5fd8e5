// Refuses to start when a route does not say who may use it, so that forgetting shows before anybody can reach it.
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { RequestMethod } from '@nestjs/common';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import type { Permission } from '@keyrack/auth';
import { PERMISSION, PUBLIC } from './route.js';

export interface RouteFacts { method: string; path: string; permission: Permission | 'public' | undefined; handler: string }

@Injectable()
export class RouteCheck implements OnModuleInit {
  constructor(@Inject(ModulesContainer) private readonly modules: ModulesContainer) {}

  onModuleInit(): void {
    const undeclared = this.routes().filter(({ permission }) => permission === undefined);
    if (undeclared.length > 0) throw new Error(`add @Requires(...) or @Public() to: ${undeclared.map(({ handler }) => handler).join(', ')}`);
  }

  /** Every route of every controller. */
  routes(): RouteFacts[] { return routesOf(this.modules); }
}

/** Needs no controller to exist yet: what is known of a route stands on its class. */
export function routesOf(modules: ModulesContainer): RouteFacts[] {
  return [...modules.values()].flatMap(({ controllers }) => [...controllers.values()]).flatMap(({ metatype }) => {
    if (typeof metatype !== 'function') return [];
    const prototype: object = metatype.prototype;
    const prefix: string = Reflect.getMetadata(PATH_METADATA, metatype);
    return new MetadataScanner().getAllMethodNames(prototype).flatMap((name): RouteFacts[] => {
      const handler: unknown = Reflect.get(prototype, name);
      if (typeof handler !== 'function') return [];
      const [path, method] = [Reflect.getMetadata(PATH_METADATA, handler), Reflect.getMetadata(METHOD_METADATA, handler)];
      if (typeof path !== 'string' || typeof method !== 'number') return [];
      const permission = Reflect.getMetadata(PUBLIC, handler) === true ? 'public' : Reflect.getMetadata(PERMISSION, handler);
      return [{ method: RequestMethod[method] ?? 'GET', path: joinPath(prefix, path), permission, handler: `${metatype.name}.${name}` }];
    });
  });
}

const joinPath = (...parts: string[]): string => `/${parts.flatMap((part) => part.split('/')).filter((part) => part !== '').join('/')}`;
