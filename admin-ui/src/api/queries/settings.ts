import { queryOptions } from '@tanstack/react-query';
import { api, versioned } from '@/api/client';
import type { SettingsPatch } from '@/api/schema';

export const settingsKey = ['settings'] as const;

export const readSettings = (signal?: AbortSignal) => versioned(api.GET('/v1/settings', signal ? { signal } : {}));

export const settingsOptions = queryOptions({ queryKey: settingsKey, queryFn: ({ signal }) => readSettings(signal) });

export const writeSettings = (etag: string, body: SettingsPatch) =>
  versioned(api.PATCH('/v1/settings', { params: { header: { 'If-Match': etag } }, body }));
