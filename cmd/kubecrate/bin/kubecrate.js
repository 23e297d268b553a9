#!/usr/bin/env node
import '../dist/bundle/kubecrate.js';
