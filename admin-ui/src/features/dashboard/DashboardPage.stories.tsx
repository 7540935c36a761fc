import type { Stories, Story } from '@/stories/story';

const full: Story = { path: '/', answers: {}, shows: 'Dashboard' };

export const stories: Stories = { loading: full, empty: full, error: full, full };
