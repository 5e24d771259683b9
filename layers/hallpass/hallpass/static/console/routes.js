// The console's addresses. They stand behind `#`, so that no server's log holds where somebody was.

import { Problem } from "/console/api.js";
import { mayChange } from "/console/session.js";
import { openOverview } from "/console/pages/overview.js";
import { openIntegrations } from "/console/pages/integrations.js";
import { openIntegration } from "/console/pages/integration.js";
import { openGrant } from "/console/pages/grant.js";
import { openScope } from "/console/pages/scope.js";
import { openCache } from "/console/pages/cache.js";
import { openAudit } from "/console/pages/audit.js";
import { openDisclosures } from "/console/pages/disclosures.js";
import { openAgreements } from "/console/pages/agreements.js";
import { openQuarantine } from "/console/pages/quarantine.js";
import { openPeople } from "/console/pages/people.js";
import { openChecklist, openNewDistrict } from "/console/pages/district.js";

const ROUTES = [
  [/^#\/d\/(\w{4})$/, openOverview],
  [/^#\/d\/(\w{4})\/integrations$/, openIntegrations],
  [/^#\/d\/(\w{4})\/integrations\/new$/, openGrant],
  [/^#\/d\/(\w{4})\/integrations\/(\w{8})$/, openIntegration],
  [/^#\/d\/(\w{4})\/integrations\/(\w{8})\/scope$/, openScope],
  [/^#\/d\/(\w{4})\/cache$/, openCache],
  [/^#\/d\/(\w{4})\/audit$/, openAudit],
  [/^#\/d\/(\w{4})\/disclosures$/, openDisclosures],
  [/^#\/d\/(\w{4})\/agreements$/, openAgreements],
  [/^#\/d\/(\w{4})\/quarantine$/, openQuarantine],
  [/^#\/d\/(\w{4})\/people$/, openPeople],
  [/^#\/d\/(\w{4})\/start$/, openChecklist],
  [/^#\/new-district$/, openNewDistrict],
];

/** Pages of nothing but forms. */
const CHANGING = new Set([openGrant, openScope, openPeople, openChecklist, openNewDistrict]);

function openRefusal() {
  throw new Problem({ title: "Your role reads and changes nothing", detail: "Ask an admin of the district." }, 403);
}

/** `only`: a role; `changes`: not for auditors. */
export const NAVIGATION = [
  { path: "", label: "Overview" },
  { path: "integrations", label: "Integrations" },
  { path: "disclosures", label: "Who saw a person" },
  { path: "agreements", label: "Agreements" },
  { path: "audit", label: "Audit" },
  { path: "quarantine", label: "Quarantine" },
  { path: "cache", label: "Cache" },
  { path: "people", label: "People", changes: true },
  { path: "start", label: "First steps", changes: true },
  { path: "/new-district", label: "New district", only: "operator" },
];

export function find(hash) {
  for (const [pattern, open] of ROUTES) {
    const match = pattern.exec(hash);
    if (match) return { open: CHANGING.has(open) && !mayChange() ? openRefusal : open, ids: match.slice(1) };
  }
  return null;
}
