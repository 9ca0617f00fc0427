// Registers the service worker. Under the content security policy its address must come from a policy of ours.

interface ScriptAddressPolicy {
  createScriptURL(address: string): string;
}
interface WindowWithPolicies {
  trustedTypes?: { createPolicy(name: string, rules: ScriptAddressPolicy): ScriptAddressPolicy };
}

/** Lets the page start without a network the next time. Browsers without service workers use it online only. */
export async function registerServiceWorker(script: string, scope: string): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const { trustedTypes } = window as WindowWithPolicies;
  const policy = trustedTypes?.createPolicy('comptoir', { createScriptURL: (address) => address });
  try {
    await navigator.serviceWorker.register(policy?.createScriptURL(script) ?? script, { scope });
  } catch {
    // Without it the page works online; private windows refuse it.
  }
}
