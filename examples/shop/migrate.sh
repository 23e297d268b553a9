#!/bin/sh
kubectl run migrate --image=localhost:5000/shop/migrate:2.1
