#!/bin/sh
# The first process of the second kernel: what a machine has mounted, then the agent that does what the tests ask.
export PATH=/usr/sbin:/usr/bin HOME=/tmp
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
ip link set lo up
stty -F /dev/ttyS1 raw -echo
exec node /agent.cjs
