/** Keys of isulad's and Docker's daemon.json that say nothing to a program which runs no containers. */

/** They may stand in a configuration, whatever their values are. */
export const DAEMON_KEYS: ReadonlySet<string> = new Set([
  // isulad and Docker
  ...['authorization-plugins', 'cgroup-parent', 'cpu-rt-period', 'cpu-rt-runtime', 'debug', 'default-runtime'],
  ...['default-ulimits', 'group', 'hosts', 'log-driver', 'log-level', 'log-opts', 'pidfile', 'runtimes'],
  ...['selinux-enabled', 'storage-driver', 'storage-opts', 'tls', 'tlscacert', 'tlscert', 'tlskey', 'tlsverify'],
  'userns-remap',
  // isulad
  ...['authorization-plugin', 'cni-bin-dir', 'cni-conf-dir', 'container-log-opts', 'cri-runtimes', 'enable-cri-v1'],
  ...['enable-plugins', 'enable-pod-events', 'engine', 'hook-spec', 'image-server-sock-addr', 'native.umask'],
  ...[
    'network-plugin',
    'pod-sandbox-image',
    'start-timeout',
    'state',
    'systemd-cgroup',
    'websocket-server-listening-port',
  ],
  // Docker
  ...[
    'allow-direct-routing',
    'allow-nondistributable-artifacts',
    'api-cors-header',
    'bip',
    'bip6',
    'bridge',
    'builder',
  ],
  ...['cdi-spec-dirs', 'containerd', 'containerd-namespace', 'containerd-plugin-namespace', 'data-root'],
  ...['default-address-pools', 'default-cgroupns-mode', 'default-gateway', 'default-gateway-v6', 'default-ipc-mode'],
  ...['default-network-opts', 'default-shm-size', 'dns', 'dns-opts', 'dns-search', 'exec-opts', 'exec-root'],
  ...[
    'experimental',
    'features',
    'firewall-backend',
    'fixed-cidr',
    'fixed-cidr-v6',
    'host-gateway-ip',
    'host-gateway-ips',
  ],
  ...['icc', 'init', 'init-path', 'ip', 'ip-forward', 'ip-forward-no-drop', 'ip-masq', 'ip6tables', 'iptables', 'ipv6'],
  ...['labels', 'live-restore', 'log-format', 'max-concurrent-downloads', 'max-concurrent-uploads'],
  ...['max-download-attempts', 'metrics-addr', 'min-api-version', 'mtu', 'no-new-privileges', 'node-generic-resources'],
  ...['oom-score-adjust', 'proxies', 'raw-logs', 'seccomp-profile', 'shutdown-timeout', 'swarm-default-advertise-addr'],
  ...['userland-proxy', 'userland-proxy-path'],
]);
