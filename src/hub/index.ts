/* Files of a model hub: a cache in the layout of huggingface_hub, and downloads that are verified. */
export { cachedModelSnapshot, hubFile, type ModelSnapshot, modelSnapshot } from "./hub.ts";
export { isHubFile, parseHubFile, parseModelName } from "./names.ts";
export { type HubDownload, type HubSettings, hubSettings } from "./settings.ts";
