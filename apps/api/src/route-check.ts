// Refuses to start when a route does not say who may use it, so that forgetting shows before anybody can reach it.
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { RequestMethod } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { Permission } from '@keyrack/auth';
import { PERMISSION, PUBLIC } from './route.js';

export interface RouteFacts { method: string; path: string; permission: Permission | 'public' | undefined; handler: string }

@Injectable()
export class RouteCheck implements OnModuleInit {
  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService, @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const undeclared = this.routes().filter(({ permission }) => permission === undefined);
    if (undeclared.length > 0) throw new Error(`add @Requires(...) or @Public() to: ${undeclared.map(({ handler }) => handler).join(', ')}`);
  }

  /** Every route of every controller. */
  routes(): RouteFacts[] {
    return this.discovery.getControllers().flatMap(({ metatype, instance }) => {
      if (!metatype || !instance) return [];
      const prototype: object = Object.getPrototypeOf(instance);
      const prefix = this.reflector.get<string>(PATH_METADATA, metatype);
      return this.scanner.getAllMethodNames(prototype).flatMap((name): RouteFacts[] => {
        const handler: unknown = Reflect.get(prototype, name);
        if (typeof handler !== 'function') return [];
        const [path, method] = [Reflect.getMetadata(PATH_METADATA, handler), Reflect.getMetadata(METHOD_METADATA, handler)];
        if (typeof path !== 'string' || typeof method !== 'number') return [];
        const permission = Reflect.getMetadata(PUBLIC, handler) === true ? 'public' : Reflect.getMetadata(PERMISSION, handler);
        return [{ method: RequestMethod[method] ?? 'GET', path: joinPath(prefix, path), permission, handler: `${metatype.name}.${name}` }];
      });
    });
  }
}

const joinPath = (...parts: string[]): string => `/${parts.flatMap((part) => part.split('/')).filter((part) => part !== '').join('/')}`;
