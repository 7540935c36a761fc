import { createFileRoute } from '@tanstack/react-router';
import { OverviewPage } from '@/features/platform/OverviewPage';

export const Route = createFileRoute('/_app/platform/')({ component: OverviewPage });
