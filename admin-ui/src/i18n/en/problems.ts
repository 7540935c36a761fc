export const problems = {
  request_id: 'Request',
  offline: { title: 'No connection', advice: 'Check the network. What you see stays; try again when you are back.' },
  session: { title: 'You are signed out', advice: 'Sign in again; you come back to where you were.' },
  forbidden: { title: 'Your role may not do this', advice: 'Ask an administrator if you need it.' },
  missing: { title: 'There is nothing here', advice: 'It does not exist, or you do not work in its project.' },
  changed: { title: 'Somebody changed it first', advice: 'Look at the new version, then change it again.' },
  too_many: { title: 'Too many requests', advice: 'Wait a moment; it goes on by itself.' },
  away: { title: 'A part of the platform is away', advice: 'Nothing was lost. Try again in a few seconds.' },
  fault: { title: 'Something failed on our side', advice: 'Try again. If it stays, tell support the request below.' },
  under_contract: { title: 'The home was just sold', advice: 'Another contract has it. Choose another home.' },
  unexpected: { title: 'Something unexpected happened', advice: 'Reload the page. If it stays, tell support.' },
} as const;
