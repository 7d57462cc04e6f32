/// <reference types="types-node-20" />
