#!/bin/sh
# Packages must not start services here: there is no init that would own them.
exit 101
