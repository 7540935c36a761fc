import { createFileRoute } from '@tanstack/react-router';
import { WelcomePage } from '@/features/signup/WelcomePage';

export const Route = createFileRoute('/welcome')({ component: WelcomePage });
